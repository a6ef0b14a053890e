/** One message of a body of log lines. */
export interface SyslogMessage {
  at: Date | null
  /** The name of the process that it comes from. */
  process: string
  text: string
}

/** Source: RFC 5424; structured data is read over. Linear in the length of the text. */
const messagePattern =
  /^<(\d{1,3})>1 (\S{1,64}) (\S{1,255}) (\S{1,255}) (\S{1,128}) (\S{1,64}) (?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: ([\s\S]*))?$/

/**
 * Reads octet-counted messages, `<length> <message>` one after the other. Source: RFC 6587, section 3.4.1.
 * @returns null when one of them can't be read; then none counts
 */
export function readFrames(body: Buffer, messagesMax: number): SyslogMessage[] | null {
  const found: SyslogMessage[] = []
  let from = 0
  while (from < body.length) {
    const space = body.indexOf(0x20, from)
    const digits = body.toString('latin1', from, Math.min(space < 0 ? body.length : space, from + 8))
    if (space < 0 || !/^[1-9]\d{0,6}$/.test(digits)) return null
    const end = space + 1 + Number(digits)
    if (end > body.length || found.length >= messagesMax) return null
    const message = readMessage(body.toString('utf8', space + 1, end))
    if (!message) return null
    found.push(message)
    from = end
  }
  return found
}

function readMessage(given: string): SyslogMessage | null {
  const [, , time = '', , , process = '', , text = ''] = messagePattern.exec(given) ?? []
  if (time === '') return null
  const at = new Date(time)
  return { at: Number.isNaN(at.getTime()) ? null : at, process, text: text.replace(/[\r\n]+$/, '') }
}
