export interface LogLine {
  /** The server's number, by which it says where one left off. */
  id: string
  at: string
  source: 'app' | 'platform' | 'other'
  dyno: string
  text: string
}

/** `2026-01-02T03:04:05.678901+00:00 app[web.1]: hello`, as a log session sends it. */
export function readLine(id: string, data: string): LogLine {
  const [, at = '', source = '', dyno = '', text = data] = /^(\S+) ([\w-]+)\[([^\]]*)\]: ?(.*)$/s.exec(data) ?? []
  return {
    id,
    at,
    source: source === 'app' ? 'app' : source === 'heroku' ? 'platform' : 'other',
    dyno,
    text: plain(text),
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
const plain = (text: string) => text.replace(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f]/g, '')

/** `03:04:05` of this machine's day. */
export function clockOf(at: string): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? '' : date.toLocaleTimeString('en-GB')
}
