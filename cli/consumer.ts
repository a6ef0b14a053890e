import { setTimeout as sleep } from 'node:timers/promises'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from './api.js'
import { explain } from './failure.js'
import { runHere } from './local-process.js'
import { newestReleases } from './release.js'

/** A command on this machine that runs with an app's config vars: how an app that runs elsewhere takes them. */
export interface Consumer {
  app: string
  words: readonly string[]
  /** Beside the config vars, which win over the rest of the environment; these win over them. */
  more?: Record<string, string>
  /** Tells the platform which release's config the command runs with, so that older credentials may end. */
  acknowledge: boolean
  /** Looks this often for a newer release, and starts the command anew with its config; absent: never. */
  restartSeconds?: number
  note(text: string): void
}

/** Long enough to know that there is such a program. */
const startedMs = 100

interface Config {
  /** The config is of this release or of a newer one; 0 before the first. */
  version: number
  vars: Record<string, string>
}

/**
 * Runs the command until it ends by itself.
 * @returns its status as a shell tells it
 */
export async function consume(api: Api, consumer: Consumer): Promise<number> {
  let config = await pull(api, consumer.app)
  for (;;) {
    const stop = new AbortController()
    const env = { ...process.env, ...config.vars, ...consumer.more }
    const ended = runHere(consumer.words, env, stop.signal)
    // A command that can't be started, or fails at once, is no consumer: nothing is acknowledged for it.
    const first = await Promise.race([ended, sleep(startedMs, undefined)])
    if (!first) await acknowledge(api, consumer, config)
    if (!consumer.restartSeconds) return await ended
    const newer = await Promise.race([ended.then(() => null), nextConfig(api, consumer, config, stop.signal)])
    // Read once more: both may have come at once, and a command that ended by itself stays ended.
    if (!newer) {
      stop.abort()
      return await ended
    }
    consumer.note(`v${newer.version} of ${consumer.app} changes the config: starting anew.`)
    stop.abort()
    await ended
    config = newer
  }
}

/** Asked for the release first: the config is then of this one or of a newer one, never of an older one. */
async function pull(api: Api, app: string): Promise<Config> {
  const [newest] = await newestReleases(api, app, 1)
  const vars = await api.call(routes.config.info, { params: { app } })
  return { version: newest?.version ?? 0, vars: present(vars) }
}

/** Waits for a config that differs. A release that changes nothing here is acknowledged, and no reason to start anew. */
async function nextConfig(api: Api, consumer: Consumer, running: Config, stopped: AbortSignal): Promise<Config | null> {
  let known = running.version
  let wasLost = false
  for (;;) {
    // Cut short when the command ends, so that nobody waits for a look that nobody needs.
    await sleep((consumer.restartSeconds ?? 0) * 1000, undefined, { signal: stopped }).catch(() => undefined)
    if (stopped.aborted) return null
    try {
      const [newest] = await newestReleases(api, consumer.app, 1)
      if (wasLost) consumer.note('The server answers again.')
      wasLost = false
      if (!newest || newest.version <= known) continue
      const next = await pull(api, consumer.app)
      known = next.version
      if (!isSame(next.vars, running.vars)) return next
      await acknowledge(api, consumer, next)
    } catch (error) {
      // The command runs on with what it has: a server that is away for a while must not stop anybody's app.
      if (!wasLost) consumer.note(`${explain(error).message} Looking again; the command runs on.`)
      wasLost = true
    }
  }
}

async function acknowledge(api: Api, { app, acknowledge: isWanted }: Consumer, { version }: Config): Promise<void> {
  if (!isWanted || version === 0) return
  await api.call(routes.releases.acknowledge, { params: { app, release: String(version) } })
}

function isSame(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

function present(vars: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(vars).flatMap(([name, value]) => (value === null ? [] : [[name, value]])))
}
