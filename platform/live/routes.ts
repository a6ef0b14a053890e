import { liveBeatSeconds } from '@mortise/contract/platform-api/live'
import { routes } from '@mortise/contract/platform-api/routes'
import type { HeldRights } from '../apps/held-rights.js'
import { appIn } from '../apps/subject.js'
import type { Fact } from '../db/fact.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import type { Reader, Subject, Tellings } from './tellings.js'

export interface LiveDeps {
  tellings: Tellings
  rights: HeldRights
  /** Aborts when the platform stops. */
  stopping: AbortSignal
  beatMs?: number
}

/** A reader that takes nothing any more is cut off; it comes back, and is told what it missed. */
const behindBytesMax = 256 * 1024
/** Milliseconds after which a browser's own EventSource comes back. */
const comeBackMs = 2_000

export function liveRoutes(deps: LiveDeps): Handler[] {
  const ends = new Set<() => void>()
  deps.stopping.addEventListener('abort', () => {
    for (const end of ends) end()
  })
  const follow = (context: Context, subject: Subject) => followUntil({ ...deps, ends }, context, subject)
  return [
    handle(routes.live.ofAccount, async (context) => follow(context, { of: 'account' })),
    handle(routes.live.ofApp, async (context) => follow(context, { of: 'app', appId: appIn(context.subjects).id })),
    handle(routes.live.ofPlatform, async (context) => follow(context, { of: 'platform' })),
  ]
}

/** Answers with a stream of its own, past everything that sends answers whole. */
function followUntil(deps: LiveDeps & { ends: Set<() => void> }, context: Context, subject: Subject): never {
  const { request, reply, asker } = context
  const { id: accountId } = context.actor
  const out = reply.raw
  const seen = request.headers['last-event-id']
  const reader: Reader = {
    accountId,
    subject,
    tell: (fact, id) => write(`id: ${id}\nevent: fact\ndata: ${JSON.stringify(shown(fact))}\n\n`),
    lost: () => write('event: lost\ndata: {}\n\n'),
  }
  // What is told before the headers are out waits.
  let waiting: string[] | undefined = []
  function write(text: string): void {
    if (waiting) return void waiting.push(text)
    if (out.writableLength > behindBytesMax) return void out.destroy()
    out.write(text)
  }

  const isHead = request.method === 'HEAD'
  const stop = isHead ? () => undefined : deps.tellings.read(reader, typeof seen === 'string' ? seen : undefined)
  reply.hijack()
  out.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  })
  if (isHead) {
    out.end()
    return undefined as never
  }
  const beat = setInterval(() => write(': still here\n\n'), deps.beatMs ?? liveBeatSeconds * 1000)
  const held = { asker, appId: subject.of === 'app' ? subject.appId : null, right: 'view' as const }
  const end = () => void out.end()
  const letGo = deps.rights.hold(held, end)
  deps.ends.add(end)
  out.once('close', () => {
    stop()
    letGo()
    clearInterval(beat)
    deps.ends.delete(end)
  })
  // Headers alone are not sent before the first byte; a client waits for them.
  const first = [`retry: ${comeBackMs}\n: following\n\n`, ...waiting]
  waiting = undefined
  for (const text of first) write(text)
  return undefined as never
}

const shown = ({ resource, action, id, app }: Fact) => ({
  action,
  app: app === null ? null : { id: app },
  id,
  resource,
})
