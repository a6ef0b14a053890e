/** What text looks like on a given stream. Colours only for people: on a terminal, and not with NO_COLOR. */
export interface Paint {
  bold(text: string): string
  dim(text: string): string
  green(text: string): string
  yellow(text: string): string
  red(text: string): string
  cyan(text: string): string
}

export function hasColours(stream: { isTTY?: boolean }, env: Record<string, string | undefined>): boolean {
  // https://no-color.org: any value that is not empty turns colours off.
  return Boolean(stream.isTTY) && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

export function paintFor(stream: { isTTY?: boolean }, env: Record<string, string | undefined>): Paint {
  const on = hasColours(stream, env)
  const code = (open: number, close: number) => (text: string) => (on ? `\u001b[${open}m${text}\u001b[${close}m` : text)
  return {
    bold: code(1, 22),
    dim: code(2, 22),
    green: code(32, 39),
    yellow: code(33, 39),
    red: code(31, 39),
    cyan: code(36, 39),
  }
}
