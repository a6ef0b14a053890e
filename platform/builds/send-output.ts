import type { FastifyReply, FastifyRequest } from 'fastify'
import type { World } from '../world/world.js'
import { follow, type Part } from './follow.js'

/** Sends an output as it grows, until it is over or the reader went away. */
export async function sendOutput(
  world: World,
  request: FastifyRequest,
  reply: FastifyReply,
  read: (from: number) => Promise<Part | undefined>,
): Promise<FastifyReply> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  reply.hijack()
  reply.raw.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'private, no-store',
    'X-Content-Type-Options': 'nosniff',
    'Request-Id': request.wireId,
  })
  if (request.method !== 'HEAD') {
    for await (const text of follow(world, read, gone.signal)) {
      if (!reply.raw.write(text) && !gone.signal.aborted) await drained(reply.raw, gone.signal)
    }
  }
  reply.raw.end()
  return reply
}

function drained(stream: NodeJS.WritableStream, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    stream.once('drain', resolve)
    gone.addEventListener('abort', () => resolve(), { once: true })
  })
}
