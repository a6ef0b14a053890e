import type { LogLine, Logs } from '@mortise/runtime/logs/logs'
import type { Outbound } from '../http/outbound.js'
import type { Sockets } from '../http/outbound-socket.js'
import { backOffMs, type World } from '../world/world.js'
import { createBuffer, type DrainBuffer, type Frame } from './buffer.js'
import { safeUrl } from './drain.js'
import { frameOf, lossFrame, type Wire } from './frame.js'
import { type Delivered, postFrame } from './https.js'
import { tcpWriter } from './tcp.js'

export interface ForwarderDeps {
  world: World
  logs: Logs
  outbound: Outbound & Sockets
}

export interface Target {
  appId: string
  token: string
  url: string
}

export interface Forwarder {
  /** Sends no more. What was not sent yet is in `buffer`. May be repeated. */
  stop(): void
  readonly buffer: DrainBuffer
}

/** After a frame that nobody took; meanwhile lines wait, and the oldest are lost. */
const restFirstMs = 1_000
const restMostMs = 30_000
/** A bad certificate is told in the app's own log, this often. */
const certificateMs = 3_600_000

/** Sends an app's lines to one address, from now on and in order. A dead one costs its buffer and nothing else. */
export function startForwarder(
  deps: ForwarderDeps,
  target: Target,
  replay: readonly LogLine[],
  buffer = createBuffer(),
): Forwarder {
  const { world, logs } = deps
  const stopping = new AbortController()
  const { signal } = stopping
  const wire: Wire = target.url.startsWith('http') ? 'https' : 'tcp'
  const writer = wire === 'tcp' ? tcpWriter(deps.outbound, target.url) : null
  let toldAt = 0

  const deliver = (frame: Frame): Promise<Delivered> =>
    writer ? writer.write(frame) : postFrame(deps, target, frame, signal)

  function tellCertificate(reason: string): void {
    const now = world.now().getTime()
    if (now - toldAt < certificateMs) return
    toldAt = now
    const text = `Error L14 (certificate validation): error="${reason}" uri="${safeUrl(target.url)}"`
    logs.write(target.appId, { source: 'heroku', dyno: 'logplex', text })
  }

  async function run(): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      await buffer.filled(signal)
      if (signal.aborted) return
      const frame = buffer.take(
        (line) => frameOf(line, wire, target.token),
        (count, since) => lossFrame(count, since, world.now(), wire, target.token),
      )
      if (!frame) continue
      const delivered = await deliver(frame)
      if (delivered.outcome === 'taken') {
        failures = 0
        continue
      }
      if (delivered.outcome === 'failed' && !delivered.isSent) buffer.restore(frame)
      else buffer.lose(frame)
      if (delivered.outcome === 'refused') continue
      if (delivered.isCertificate) tellCertificate(delivered.reason)
      await world.sleep(backOffMs(world, failures++, restFirstMs, restMostMs), signal)
    }
  }

  for (const line of replay) buffer.push(line)
  const unfollow = logs.follow(target.appId, undefined, (line) => buffer.push(line))
  // Nothing in it throws: what comes of a delivery is a value.
  void run()
  return {
    buffer,
    stop() {
      unfollow()
      stopping.abort()
      writer?.close()
    },
  }
}
