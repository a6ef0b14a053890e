import { randomBytes } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'

/** A WebSocket's client side; what this command line needs of it, so that it needs no package to start. */
export interface WebSocketClient {
  send(message: string | Uint8Array): void
  /** Stops reading while whoever takes the messages is behind. */
  pause(): void
  resume(): void
  close(): void
}

export interface WebSocketListener {
  onText(text: string): void
  onBytes(bytes: Buffer): void
  /** Once, however it ended. */
  onClose(): void
}

/** The server answered something else than an upgrade. */
export class NotUpgraded extends Error {
  readonly status: number
  constructor(status: number) {
    super(`The server answered ${status} instead of opening a connection.`)
    this.status = status
  }
}

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 }
/** The server sends smaller ones; a length that is larger is no length. */
const messageBytesMax = 64 * 1024 * 1024

/**
 * Opens a WebSocket. Source: RFC 6455. The listener hears nothing before this resolves.
 * @throws NotUpgraded, or the connection's own error
 */
export function openWebSocket(address: string, listener: WebSocketListener): Promise<WebSocketClient> {
  const url = new URL(address)
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
  }
  return new Promise((resolve, reject) => {
    const asked = (url.protocol === 'https:' ? https : http).request(url, { headers, agent: false })
    asked.once('error', reject)
    asked.once('response', (answer) => {
      answer.destroy()
      reject(new NotUpgraded(answer.statusCode ?? 0))
    })
    asked.once('upgrade', (_, socket, head) => {
      const client = clientOn(socket, listener)
      resolve(client)
      setImmediate(() => {
        if (head.length) socket.unshift(head)
        client.resume()
      })
    })
    asked.end()
  })
}

function clientOn(socket: Duplex, listener: WebSocketListener): WebSocketClient {
  let rest = Buffer.alloc(0)
  const parts: Buffer[] = []
  let kind = 0
  const write = (opcode: number, content: Uint8Array) => {
    if (socket.writable) socket.write(frame(opcode, content))
  }
  const take = (opcode: number, isLast: boolean, content: Buffer) => {
    if (opcode === opcodes.ping) return write(opcodes.pong, content)
    if (opcode === opcodes.pong) return
    if (opcode === opcodes.close) {
      write(opcodes.close, content)
      return void socket.end()
    }
    if (opcode !== opcodes.continuation) kind = opcode
    parts.push(content)
    if (!isLast) return
    const whole = Buffer.concat(parts.splice(0))
    if (kind === opcodes.text) listener.onText(whole.toString())
    else listener.onBytes(whole)
  }
  socket.pause()
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (let found = readFrame(rest); found; found = readFrame(rest)) {
      if (found === 'broken') return void socket.destroy()
      rest = rest.subarray(found.bytes)
      take(found.opcode, found.isLast, found.content)
    }
  })
  socket.on('error', () => socket.destroy())
  socket.on('end', () => socket.end())
  socket.once('close', () => listener.onClose())
  return {
    send: (message) =>
      typeof message === 'string' ? write(opcodes.text, Buffer.from(message)) : write(opcodes.binary, message),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close() {
      write(opcodes.close, Buffer.from([0x03, 0xe8]))
      socket.end()
    },
  }
}

/** A client masks what it sends, so that no cache on the way can be made to keep it for an answer. */
function frame(opcode: number, content: Uint8Array): Buffer {
  const { length } = content
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const head = Buffer.alloc(2 + size)
  head[0] = 0x80 | opcode
  head[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127)
  if (size === 2) head.writeUInt16BE(length, 2)
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2)
  const mask = randomBytes(4)
  const masked = Buffer.from(content)
  for (let at = 0; at < length; at++) masked[at] = (masked[at] ?? 0) ^ (mask[at % 4] ?? 0)
  return Buffer.concat([head, mask, masked])
}

interface Frame {
  opcode: number
  isLast: boolean
  content: Buffer
  /** How long it is with its head. */
  bytes: number
}

function readFrame(from: Buffer): Frame | 'broken' | undefined {
  if (from.length < 2) return undefined
  const [first = 0, second = 0] = from
  const short = second & 0x7f
  const size = short === 126 ? 2 : short === 127 ? 8 : 0
  if (from.length < 2 + size) return undefined
  const length = size === 2 ? from.readUInt16BE(2) : size === 8 ? Number(from.readBigUInt64BE(2)) : short
  // A server never masks, and we agreed on no extension.
  if (second & 0x80 || first & 0x70 || length > messageBytesMax) return 'broken'
  const start = 2 + size
  if (from.length < start + length) return undefined
  return {
    opcode: first & 0x0f,
    isLast: (first & 0x80) !== 0,
    content: from.subarray(start, start + length),
    bytes: start + length,
  }
}
