/**
 * The `default_process_types` that a buildpack's bin/release prints, as JSON or as the simple YAML that buildpacks write:
 * one mapping of names to commands. Other keys are passed over (`addons` and `config_vars` are long deprecated).
 * Source: Dev Center, "Buildpack API".
 */
export function parseRelease(text: string): Record<string, string> {
  if (text.trimStart().startsWith('{')) {
    const types = (JSON.parse(text) as { default_process_types?: unknown }).default_process_types
    return Object.fromEntries(Object.entries(types ?? {}).filter(([, command]) => typeof command === 'string'))
  }
  const types: Record<string, string> = {}
  let isInside = false
  for (const line of text.split(/\r?\n/)) {
    if (!line.trim() || /^\s*#/.test(line) || /^---/.test(line)) continue
    if (/^\S/.test(line)) isInside = /^["']?default_process_types["']?:\s*$/.test(line)
    else if (isInside) {
      const [, name, command] = line.match(/^\s+["']?([A-Za-z0-9_-]+)["']?:\s+(.+?)\s*$/) ?? []
      if (name && command) types[name] = unquoted(command)
    }
  }
  return types
}

function unquoted(text: string): string {
  if (/^'.*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'")
  if (/^".*"$/.test(text)) return JSON.parse(text) as string
  return text
}
