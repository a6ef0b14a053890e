export interface LogLine {
  event: string
  uuid?: string
  message: string
}

/**
 * Writes lines without secrets: the service's own, and whatever stands between a user and a host in a URL.
 * By default one JSON object a line on stderr.
 */
export function createLog(
  write: (line: LogLine) => void = (line) => process.stderr.write(`${JSON.stringify(line)}\n`),
  secrets: readonly string[] = [],
): (line: LogLine) => void {
  const known = secrets.filter((secret) => secret.length >= 4)
  return (line) => {
    let { message } = line
    for (const secret of known) message = message.replaceAll(secret, '[secret]')
    message = message.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi, '$1:[secret]@')
    write({ ...line, message })
  }
}
