/** One line of a .gitignore, ready to be asked. */
interface Pattern {
  matches: RegExp
  onlyFolders: boolean
  takesBack: boolean
}

/** Says whether a path is left out; `undefined` when no line speaks of it. The last line that does wins. */
export type Ignore = (relativePath: string, isFolder: boolean) => boolean | undefined

/**
 * Reads a .gitignore for folders that are no git checkout: blank lines, comments, `!`, `/` at the start and at
 * the end, `*`, `?`, `[a-z]` and `**`. In a checkout git itself is asked instead.
 */
export function readIgnore(text: string): Ignore {
  const patterns = text.split(/\r?\n/).flatMap((line) => patternOf(line) ?? [])
  return (relativePath, isFolder) => {
    for (let i = patterns.length - 1; i >= 0; i--) {
      const pattern = patterns[i]!
      if (pattern.onlyFolders && !isFolder) continue
      if (pattern.matches.test(relativePath)) return !pattern.takesBack
    }
    return undefined
  }
}

function patternOf(line: string): Pattern | undefined {
  let text = line.replace(/(?<!\\)\s+$/, '')
  if (text === '' || text.startsWith('#')) return undefined
  const takesBack = text.startsWith('!')
  if (takesBack) text = text.slice(1)
  const onlyFolders = text.endsWith('/')
  if (onlyFolders) text = text.slice(0, -1)
  // A slash inside ties the pattern to this folder; without one it holds at any depth.
  const tied = text.includes('/')
  const body = glob(text.replace(/^\//, ''))
  return { matches: new RegExp(`^${tied ? '' : '(?:.*/)?'}${body}$`), onlyFolders, takesBack }
}

function glob(text: string): string {
  return text.replace(/\\(.)|\*\*\/|\/\*\*|\*\*|\*|\?|\[!?[^\]]+\]|[.+^${}()|[\]\\]/g, (part, escaped?: string) => {
    if (escaped) return escaped.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    if (part === '**/') return '(?:.*/)?'
    if (part === '/**') return '/.*'
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    if (part.startsWith('[') && part.length > 1) return part.replace(/^\[!/, '[^')
    return `\\${part}`
  })
}
