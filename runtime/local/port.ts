import { randomInt } from 'node:crypto'
import net from 'node:net'

// Below the range from which Linux takes ports for outgoing connections (32768 on), so that none of those sits on a
// port between our look and the app's listen.
const portMin = 10_000
const portMax = 32_000

const given = new Set<number>()

/** A port on which nothing listens and which no other dyno of ours was given. Give it back when the dyno has ended. */
export async function takePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = randomInt(portMin, portMax)
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port)) return port
    given.delete(port)
  }
  throw new Error('No free port was found for a web dyno.')
}

export function givePortBack(port: number): void {
  given.delete(port)
}

/** Whether an app could listen on it now, on every address or on loopback only. */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, undefined))
}

function canListen(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** The loopback address on which the port accepts connections; an app may listen on IPv4 only, IPv6 only or both. */
export async function listeningHost(port: number): Promise<string | undefined> {
  for (const host of ['127.0.0.1', '::1']) if (await accepts(host, port)) return host
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port })
    const answer = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.setTimeout(1_000, () => answer(false))
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })
}
