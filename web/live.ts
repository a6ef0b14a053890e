import type { Fact } from '@mortise/contract/platform-api/live'
import { routes } from '@mortise/contract/platform-api/routes'
import { type Query, type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { accountKey } from './api.js'
import { comeBackAfterMs, eventReader, piecesOf } from './event-stream.js'

/** Of all my apps, of one app, or (for the operator) of the whole platform. */
export type Stream = 'account' | 'platform' | { app: string }

/** At most so often what is shown is asked for anew, however much changes. */
const askAgainMs = 800
/** Facts come in pieces: an add-on, its attachment, its release. What comes this soon after is asked for together. */
const togetherMs = 120
/** While there is no stream, the page looks by itself this often. */
export const lookMs = 20_000
const comeBackMs = { first: 1_000, most: 30_000 }
/** A stream that says nothing for this long is taken for dead: it beats every 20 s. */
const silenceMs = 50_000
/** A tab that is out of sight keeps its stream a while, for people who go back and forth. */
const hiddenMs = 15_000

/**
 * Keeps what is shown current: opens one stream, and asks for the queries below `key` anew when something changes that
 * they show. A query says so by `meta: {facts: ['release', 'build']}`; one that says nothing is asked for each time. One of
 * many apps names its own: `meta: {app: id}`.
 * To be used once in a page. Nothing is open while nobody looks.
 */
export function useLive(stream: Stream, key: QueryKey): void {
  const queries = useQueryClient()
  const path = pathOf(stream)
  const root = JSON.stringify(key)
  useEffect(() => {
    const queryKey: QueryKey = JSON.parse(root)
    const isShown = (facts: readonly Fact[]) => (query: { meta?: Record<string, unknown> }) => {
      const shown = query.meta?.['facts'] as readonly string[] | undefined
      const app = query.meta?.['app']
      return facts.some(
        (fact) => (!shown || shown.includes(fact.resource)) && (!app || !fact.app || fact.app.id === app),
      )
    }
    return follow(path, {
      changed(facts) {
        const isMeant = isShown(facts)
        void queries.invalidateQueries({ queryKey, predicate: (query) => isMeant(query) && !isGettingMore(query) })
        return !queries.getQueryCache().findAll({ queryKey, predicate: isMeant }).some(isGettingMore)
      },
      lost: () => void queries.invalidateQueries({ queryKey }),
      signedOut: () => void queries.invalidateQueries({ queryKey: accountKey }),
    })
  }, [path, root, queries])
}

/** To ask for the whole list anew would break off the next part of it, which somebody has just asked for. */
const isGettingMore = ({ state }: Query) => state.fetchStatus === 'fetching' && state.fetchMeta?.fetchMore !== undefined

function pathOf(stream: Stream): string {
  if (stream === 'account') return routes.live.ofAccount.path
  if (stream === 'platform') return routes.live.ofPlatform.path
  return routes.live.ofApp.path.replace(':app', encodeURIComponent(stream.app))
}

interface Hearer {
  /** @returns false when it is to be told again, since not all of it could be asked for now */
  changed(facts: readonly Fact[]): boolean
  lost(): void
  signedOut(): void
}

/** @returns how to stop */
function follow(path: string, hearer: Hearer): () => void {
  let open: AbortController | undefined
  let lastId: string | undefined
  let failures = 0
  let hasStopped = false
  let timer: number | undefined
  let hiding: number | undefined
  let changes: Fact[] = []
  let asking: number | undefined
  let askedAt = Number.NEGATIVE_INFINITY

  function take(fact: Fact): void {
    changes.push(fact)
    const wait = Math.max(togetherMs, askedAt + askAgainMs - performance.now())
    asking ??= window.setTimeout(() => {
      asking = undefined
      askedAt = performance.now()
      const facts = changes
      changes = []
      if (!hearer.changed(facts)) for (const each of facts) take(each)
    }, wait)
  }

  async function connect(): Promise<void> {
    window.clearTimeout(timer)
    if (hasStopped || open || document.hidden) return
    const mine = new AbortController()
    open = mine
    let silence: number | undefined
    let waitMs: number | undefined
    let isOver = false
    const isAlive = () => {
      window.clearTimeout(silence)
      silence = window.setTimeout(() => mine.abort(), silenceMs)
    }
    try {
      isAlive()
      const headers: Record<string, string> = { accept: 'text/event-stream', 'X-Mortise-Web': '1' }
      if (lastId !== undefined) headers['Last-Event-ID'] = lastId
      const answer = await fetch(path, { headers, signal: mine.signal, credentials: 'same-origin', cache: 'no-store' })
      // Nobody is signed in any more; or it is gone, or no longer ours to see: what is asked for now says so.
      if ([401, 403, 404].includes(answer.status)) {
        isOver = true
        if (answer.status === 401) hearer.signedOut()
        else hearer.lost()
        return
      }
      if (!answer.ok || !answer.body) {
        waitMs = Number(answer.headers.get('retry-after')) * 1000 || undefined
        throw new Error(`The stream answered ${answer.status}.`)
      }
      // After a break with nothing to come back with, what happened meanwhile is not known.
      if (failures > 0 && lastId === undefined) hearer.lost()
      failures = 0
      const events = eventReader()
      for await (const piece of piecesOf(answer.body)) {
        isAlive()
        for (const { type, data, id } of events(piece)) {
          if (id) lastId = id
          if (type === 'lost') hearer.lost()
          else if (type === 'fact') take(JSON.parse(data))
        }
      }
      failures = 1
    } catch {
      failures++
    } finally {
      window.clearTimeout(silence)
      mine.abort()
      if (open === mine) open = undefined
      if (!hasStopped && !isOver && !document.hidden) again(waitMs)
    }
  }

  function again(atLeastMs = 0): void {
    timer = window.setTimeout(connect, comeBackAfterMs(failures, comeBackMs, atLeastMs))
  }

  const looking = window.setInterval(() => {
    if (!document.hidden && failures > 1) hearer.lost()
  }, lookMs)

  function seen(): void {
    window.clearTimeout(hiding)
    if (!document.hidden) return void connect()
    hiding = window.setTimeout(() => {
      window.clearTimeout(timer)
      open?.abort()
      failures = 0
    }, hiddenMs)
  }
  document.addEventListener('visibilitychange', seen)
  void connect()

  return () => {
    hasStopped = true
    document.removeEventListener('visibilitychange', seen)
    for (const one of [timer, hiding, asking]) window.clearTimeout(one)
    window.clearInterval(looking)
    open?.abort()
  }
}
