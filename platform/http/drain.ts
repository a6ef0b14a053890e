import type { IncomingMessage } from 'node:http'

/** Bytes of a refused body that are still read, and for how long. */
export const drainBytesMax = 64 * 1024 * 1024
export const drainMsMax = 10_000

/**
 * Reads a body away that is too large. A client that is still sending when the connection closes sees a broken pipe and
 * not the answer that says why. Resolves when all has come, or when it is too much.
 */
export function drained(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve()
  return new Promise((done) => {
    let bytes = 0
    const timer = setTimeout(end, drainMsMax)
    function count(part: Buffer): void {
      bytes += part.length
      if (bytes > drainBytesMax) end()
    }
    function end(): void {
      clearTimeout(timer)
      request.off('data', count).off('end', end).off('close', end)
      done()
    }
    request.on('data', count).once('end', end).once('close', end)
    request.resume()
  })
}
