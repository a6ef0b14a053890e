import net, { type AddressInfo, type Socket } from 'node:net'

export type Method = 'POST' | 'PUT' | 'DELETE'

/** What is done with a connection instead of answering it. */
export type Play = (socket: Socket) => void

/** A provider on a bare socket: honest until it is told to play, byte by byte, what no HTTP library would send. */
export interface RawProvider {
  url: string
  /** Live resources. */
  resources: Set<string>
  asked: { method: Method; id: string; body: Record<string, unknown> }[]
  /** The next request of this method is met with this; whatever that says, it was done, unless `acts` is false. */
  play(method: Method, play: Play, acts?: boolean): void
  stop(): Promise<void>
}

export async function rawProvider(): Promise<RawProvider> {
  const resources = new Set<string>()
  const asked: RawProvider['asked'] = []
  const plays = new Map<Method, { play: Play; acts: boolean }[]>()
  const open = new Set<Socket>()

  function answer(socket: Socket, method: Method, id: string): void {
    const was = resources.has(id)
    if (method === 'POST') resources.add(id)
    if (method === 'DELETE') resources.delete(id)
    const status = method === 'POST' ? 201 : was ? 200 : 410
    const body = method === 'POST' ? JSON.stringify({ id, config: { FAST_DB_URL: `fast://${id}` } }) : '{}'
    socket.end(
      `HTTP/1.1 ${status} Said\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    )
  }

  const server = net.createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
    let text = ''
    socket.on('data', function heard(part) {
      text += part.toString()
      const end = text.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
      if (end < 0 || text.length < end + 4 + length) return
      socket.off('data', heard).resume()
      const [method, path] = text.split(' ') as [Method, string]
      const body = length ? JSON.parse(text.slice(end + 4)) : {}
      const id = method === 'POST' ? body.uuid : decodeURIComponent(path.split('/').at(-1) ?? '')
      asked.push({ method, id, body })
      const told = plays.get(method)?.shift()
      if (!told) return answer(socket, method, id)
      if (told.acts && method === 'POST') resources.add(id)
      if (told.acts && method === 'DELETE') resources.delete(id)
      told.play(socket)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    resources,
    asked,
    play: (method, play, acts = true) => void plays.set(method, [...(plays.get(method) ?? []), { play, acts }]),
    async stop() {
      for (const socket of open) socket.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}

const head = (status: number, ...lines: string[]) =>
  [`HTTP/1.1 ${status} Said`, 'content-type: application/json', 'connection: close', ...lines, '', ''].join('\r\n')

/** A whole answer, with whatever bytes. */
export function whole(status: number, body: string | Buffer, ...lines: string[]): Play {
  return (socket) => {
    socket.write(head(status, `content-length: ${Buffer.byteLength(body)}`, ...lines))
    socket.end(body)
  }
}

/** Bytes as they are, then the end. */
export const bytes =
  (text: string | Buffer): Play =>
  (socket) =>
    void socket.end(text)

/** Writes for as long as somebody reads, at most so many bytes. */
export function pours(status: number, bytesMax: number, ...lines: string[]): Play {
  return (socket) => {
    socket.write(head(status, ...lines))
    const part = Buffer.alloc(64 * 1024, 'x')
    let left = bytesMax
    const more = () => {
      while (left > 0 && !socket.destroyed) {
        left -= part.length
        if (!socket.write(part)) return void socket.once('drain', more)
      }
      socket.end()
    }
    more()
  }
}

/** One byte now and then, without end. */
export function drips(start: string, everyMs = 40): Play {
  return (socket) => {
    socket.write(start)
    const drop = setInterval(() => socket.write('x'), everyMs)
    socket.on('close', () => clearInterval(drop))
  }
}

export { head }
