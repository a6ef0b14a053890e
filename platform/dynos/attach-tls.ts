import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import type { OneOff } from '@mortise/runtime/driver'
import type { Rendezvous } from './rendezvous.js'

/** Nobody says or hears anything for so long: the client is gone. Source: Dev Center, "One-off Dynos". */
export const idleMsMax = 60 * 60_000
/** A client has this long to say its secret, and so many bytes. */
const greetMsMax = 10_000
const greetBytesMax = 1_024
const eot = 0x04
/**
 * The door stays open this long after the greeting, however soon the process ended: the field's CLI writes EOT when it was
 * greeted, and dies of the write when the door is closed by then.
 */
const openMsMin = 1_000

/** One client of the rendezvous door (see contract/platform-api/attach.ts): the secret, then bytes both ways. */
export function serveRendezvous(meeting: Rendezvous, socket: TLSSocket): void {
  let heard = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.setTimeout(greetMsMax, () => socket.destroy())
  const greet = (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk])
    const end = heard.indexOf('\n')
    if (end < 0) {
      if (heard.length > greetBytesMax) socket.destroy()
      return
    }
    socket.off('data', greet)
    socket.pause()
    const oneOff = meeting.meet(heard.subarray(0, end).toString().trim())
    if (!oneOff) return void socket.end('rendezvous\r\nThis address was used before, or its time is over.\r\n')
    const rest = heard.subarray(end + 1)
    // A packet of its own: clients take whatever comes first for the greeting and throw it away.
    socket.write('rendezvous\r\n', () => {
      converse(oneOff, socket)
      if (rest.length) socket.emit('data', rest)
    })
  }
  socket.on('data', greet)
}

function converse(oneOff: OneOff, socket: TLSSocket): void {
  const { stdin, output } = oneOff
  socket.setNoDelay(true)
  socket.setTimeout(idleMsMax, () => socket.destroy())
  stdin?.on('error', () => undefined)
  const greetedAt = Date.now()
  let hasEnded: () => void = () => undefined
  const inputEnded = new Promise<void>((resolve) => (hasEnded = resolve))
  socket.on('data', (chunk: Buffer) => {
    if (chunk.at(-1) === eot) hasEnded()
    // On a terminal the character itself ends the input; without one it is the client's way to say that there is no more.
    const isLast = !oneOff.resize && chunk.at(-1) === eot
    const input = isLast ? chunk.subarray(0, -1) : chunk
    if (stdin?.writable && input.length && !stdin.write(input)) {
      socket.pause()
      stdin.once('drain', () => socket.resume())
    }
    if (isLast) stdin?.end()
  })
  // Whoever closes the door wants the process to end, as with a terminal that hangs up.
  socket.once('close', () => void oneOff.stop())
  output?.pipe(socket, { end: false })
  output?.once('end', async () => {
    await Promise.race([inputEnded, sleep(greetedAt + openMsMin - Date.now())])
    socket.end()
  })
  socket.resume()
}
