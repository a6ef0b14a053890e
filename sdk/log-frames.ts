import { isSame } from './authentic.js'
import { type Answer, type Asked, BadRequest } from './http.js'
import type { Resource, ResourceStore } from './resource.js'

/** Below it each resource has an address for the log lines of its app. */
export const logsPath = '/heroku/logs'

/** Milliseconds to wait for the platform's log input. */
const logInputMs = 5_000

/** One log line as a platform frames it: RFC 5424 without structured data. Source: logplex, "HTTP drains". */
export interface LogMessage {
  /** Facility times 8 plus severity. */
  priority: number
  time: string
  host: string
  /** `app`, or `heroku` for the platform's own lines. */
  app: string
  /** The process, such as `web.1` or `router`. */
  process: string
  text: string
}

/**
 * Takes a frame of log lines: 403 without the right drain token, 400 when it can't be read, 404 and 410 for a resource
 * that is not there, so that the platform stops sending.
 */
export function createLogDoor(
  store: ResourceStore,
  logs: (resource: Resource, messages: LogMessage[], frameId: string | null) => Promise<void>,
) {
  return async (asked: Asked, uuid: string): Promise<Answer> => {
    const resource = await store.get(uuid)
    const token = asked.header('logplex-drain-token') ?? ''
    // A stranger does not learn which resources there are.
    if (!resource?.logDrainToken || !isSame(token, resource.logDrainToken)) {
      return { status: 403, body: { message: 'The drain token is not the one of this resource.' } }
    }
    const messages = readFrame(await asked.body())
    const count = Number(asked.header('logplex-msg-count') ?? messages.length)
    if (count !== messages.length) throw new BadRequest(400, 'Logplex-Msg-Count is not the number of messages.')
    await logs(resource, messages, asked.header('logplex-frame-id') ?? null)
    return { status: 204 }
  }
}

/**
 * Octet-counted messages (RFC 6587): `<length in bytes> <message>`, one after the other.
 * @throws BadRequest 400
 */
export function readFrame(body: string): LogMessage[] {
  const bytes = Buffer.from(body, 'utf8')
  const messages: LogMessage[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at)
    const length = space < 0 || space - at > 7 ? Number.NaN : Number(bytes.toString('latin1', at, space))
    if (!Number.isInteger(length) || length < 1 || space + 1 + length > bytes.length) {
      throw new BadRequest(400, 'The log lines are not framed by their length.')
    }
    messages.push(readMessage(bytes.toString('utf8', space + 1, space + 1 + length)))
    at = space + 1 + length
  }
  return messages
}

function readMessage(line: string): LogMessage {
  const found = /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) - ?(.*)$/s.exec(line.replace(/\n$/, ''))
  if (!found) throw new BadRequest(400, 'A log line has no header of RFC 5424.')
  const [, priority, time = '', host = '', app = '', process = '', text = ''] = found
  return { priority: Number(priority), time, host, app, process, text: text.replace(/^- /, '') }
}

/**
 * Writes lines into the log stream of the app that a resource belongs to; the manifest requires `log_input`. Lines are
 * single: what follows a line break is a line of its own. Not repeated by itself, since a repeat would show twice.
 * @param process what the customer reads in front of them, such as `database`
 * @throws Error when the platform does not take them; 4xx mean that the address is no longer good
 */
export async function writeLogLines(
  { logInputUrl }: Resource,
  process: string,
  lines: readonly string[],
  now: Date,
): Promise<void> {
  if (!logInputUrl) throw new Error('The resource has no log input. Let the manifest require "log_input".')
  const url = new URL(logInputUrl)
  const { username, password } = url
  url.username = url.password = ''
  const token = decodeURIComponent(password)
  const single = lines.flatMap((line) => line.split(/\r?\n/)).filter(Boolean)
  const frames = single.map((line) => {
    const message = `<190>1 ${now.toISOString()} add-on ${token} ${process.replace(/\s/g, '_')} - - ${line}`
    return `${Buffer.byteLength(message)} ${message}`
  })
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(logInputMs),
    headers: {
      authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${token}`).toString('base64')}`,
      'content-type': 'application/logplex-1',
      'logplex-msg-count': String(frames.length),
      'user-agent': 'mortise-provider',
    },
    body: frames.join(''),
  })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`The log input answered ${response.status}.`)
}
