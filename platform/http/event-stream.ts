import type { FastifyReply } from 'fastify'

export interface EventStream {
  /** One event or several, as they go over the wire. A reader that is too far behind is cut off; to one that is gone nothing is written. */
  write(text: string): void
  end(): void
  /** Keeps a silent stream open until its reader goes or it is ended. To be called once, when there is nothing to say at the moment. */
  keepOpen(way: {
    /** Goes out at once: headers alone are not sent before the first byte, and a client waits for them. */
    greeting: string
    /** Milliseconds between comments. */
    beatMs: number
    onBeat?(): void
    onClose(): void
  }): void
}

/**
 * Takes the answer over for server-sent events: it is written piece by piece from here on, past everything that sends answers
 * whole. Source: the HTML standard, "Server-sent events".
 */
export function openEventStream(
  reply: FastifyReply,
  { headers, behindBytesMax }: { headers: Record<string, string>; behindBytesMax: number },
): EventStream {
  reply.hijack()
  const out = reply.raw
  out.writeHead(200, {
    ...headers,
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  })
  function write(text: string): void {
    if (out.destroyed) return
    out.write(text)
    if (out.writableLength > behindBytesMax) out.destroy()
  }
  return {
    write,
    end: () => void out.end(),
    keepOpen({ greeting, beatMs, onBeat, onClose }) {
      const beat = setInterval(() => {
        onBeat?.()
        write(': still here\n\n')
      }, beatMs)
      out.once('close', () => {
        clearInterval(beat)
        onClose()
      })
      write(greeting)
    },
  }
}
