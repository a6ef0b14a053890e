// Colour codes of a terminal: the only sequence that may pass, and only where a person's own app prints it.
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one.
const colour = /\u001b\[[0-9;]*m/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what must not reach a terminal.
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/**
 * Text of others, safe to print: no escape sequence of a server, a provider or an app may move the cursor,
 * set the clipboard or hide a line. Tabs and line ends stay.
 */
export function plainText(text: string): string {
  return text.replace(colour, '').replace(/\r\n/g, '\n').replace(control, '')
}

/** A line of an app's log or of a build: its colours may stay, nothing else. */
export function colouredText(text: string): string {
  const kept: string[] = []
  const marked = text.replace(/\r\n/g, '\n').replace(colour, (code) => {
    kept.push(code)
    return '\uE000'
  })
  return marked.replace(control, '').replace(/\uE000/g, () => kept.shift() ?? '')
}
