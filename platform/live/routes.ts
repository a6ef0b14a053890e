import { liveBeatSeconds } from '@mortise/contract/platform-api/live'
import { routes } from '@mortise/contract/platform-api/routes'
import type { HeldRights } from '../apps/held-rights.js'
import { appIn } from '../apps/subject.js'
import type { Fact } from '../db/fact.js'
import { type EventStream, openEventStream } from '../http/event-stream.js'
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

/** Answers with a stream of its own. */
function followUntil(deps: LiveDeps & { ends: Set<() => void> }, context: Context, subject: Subject): never {
  const { request, reply, asker } = context
  const seen = request.headers['last-event-id']
  // What is told before the stream is open waits: whether there is room for it is found out first.
  let stream: EventStream | undefined
  const waiting: string[] = []
  const write = (text: string) => (stream ? stream.write(text) : void waiting.push(text))
  const reader: Reader = {
    accountId: context.actor.id,
    subject,
    tell: (fact, id) => write(`id: ${id}\nevent: fact\ndata: ${JSON.stringify(shown(fact))}\n\n`),
    lost: () => write('event: lost\ndata: {}\n\n'),
  }
  const isHead = request.method === 'HEAD'
  const stop = isHead ? () => undefined : deps.tellings.read(reader, typeof seen === 'string' ? seen : undefined)
  const opened = openEventStream(reply, { headers: reply.getHeaders() as Record<string, string>, behindBytesMax })
  stream = opened
  if (isHead) {
    opened.end()
    return undefined as never
  }
  const held = { asker, appId: subject.of === 'app' ? subject.appId : null, right: 'view' as const }
  const letGo = deps.rights.hold(held, opened.end)
  deps.ends.add(opened.end)
  opened.keepOpen({
    greeting: `retry: ${comeBackMs}\n: following\n\n`,
    beatMs: deps.beatMs ?? liveBeatSeconds * 1000,
    onClose() {
      stop()
      letGo()
      deps.ends.delete(opened.end)
    },
  })
  for (const text of waiting) write(text)
  return undefined as never
}

const shown = ({ resource, action, id, app }: Fact) => ({
  action,
  app: app === null ? null : { id: app },
  id,
  resource,
})
