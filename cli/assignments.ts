import { wrongUsage } from './failure.js'

/** `NAME=VALUE` words as a map; only the first `=` divides. */
export function assignments(words: readonly string[]): Record<string, string> {
  if (words.length === 0) throw wrongUsage('Nothing to set.', 'Write NAME=VALUE.')
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      if (at < 1) throw wrongUsage(`"${word}" sets nothing.`, 'Write NAME=VALUE, or remove a var with config:unset.')
      return [word.slice(0, at), word.slice(at + 1)]
    }),
  )
}
