import { processStart } from '@mortise/postgres/process-start'
import { type Db, isDuplicate, transact } from '../db/db.js'
import type { World } from '../world/world.js'
import { freeLeases } from './lease-store.js'
import { beatMs, type Process } from './process.js'
import * as store from './store.js'

export interface Presence {
  /** By which this process is known, and by which it holds leases. */
  id: string
  /** Nobody else was alive at the start: whatever is marked as being worked on was left by a dead process. */
  isAlone: boolean
  /** The processes that are alive, this one too, as of the last beat. */
  alive(): readonly Process[]
  /** Resolves with a sentence when another process took our place while we were silent. */
  displaced: Promise<string>
  /** Takes our row away. May be repeated. */
  leave(): Promise<void>
}

/**
 * Makes this process known to the others on its database, and keeps saying that it is alive.
 * @param refresh called before each later beat: what changes about us
 * @returns the process that runs apps already, when we were to run them too
 */
export async function enter(
  db: Db,
  world: World,
  me: store.Entrant,
  refresh: () => Promise<Pick<Process, 'keys' | 'sealsWith'>> = async () => me,
): Promise<{ outcome: 'entered'; presence: Presence } | { outcome: 'taken'; by: Process }> {
  const found = await transact(db, async (tx) => {
    await store.lockEntering(tx)
    const dead = (await store.listProcesses(tx)).filter((one) => isDead(one, me)).map(({ id }) => id)
    await store.dropProcesses(tx, dead, me.role === 'all')
    const holder = me.role === 'all' ? (await store.listProcesses(tx)).find(({ role }) => role === 'all') : undefined
    if (holder) return { holder }
    await store.beat(tx, me)
    // What the dead ones held is taken up now, not when their leases run out.
    await freeLeases(tx)
    return { all: await store.listProcesses(tx) }
  })
  if (found.holder) return { outcome: 'taken', by: found.holder }
  const others = (all: readonly Process[]) => all.filter(({ isSilent }) => !isSilent)
  let alive = others(found.all)
  let displace: (reason: string) => void = () => undefined
  const displaced = new Promise<string>((done) => {
    displace = done
  })
  let beating: Promise<void> | undefined
  const timer = setInterval(() => {
    beating ??= say().finally(() => {
      beating = undefined
    })
  }, beatMs)

  async function say(): Promise<void> {
    try {
      await store.beat(db, { ...me, ...(await refresh()) })
      await store.dropLongSilent(db)
      await freeLeases(db)
      alive = others(await store.listProcesses(db))
    } catch (error) {
      // A database that is away is told by everything else already; the next beat comes soon.
      if (!isDuplicate(error, 'processes_apps')) return
      clearInterval(timer)
      const by = await store.holderOfApps(db).catch(() => undefined)
      displace(
        `this process was silent for too long, and ${by ? `process ${by.pid} on ${by.host}` : 'another process'} runs the apps now`,
      )
    }
  }

  let leaving: Promise<void> | undefined
  return {
    outcome: 'entered',
    presence: {
      id: me.id,
      isAlone: alive.length === 1,
      alive: () => alive,
      displaced,
      leave() {
        clearInterval(timer)
        leaving ??= (async () => {
          await beating
          await transact(db, async (tx) => {
            await store.leave(tx, me.id)
            await freeLeases(tx)
          }).catch(() => undefined)
        })()
        return leaving
      },
    },
  }
}

/** On our own machine we need not wait for silence: we see who is dead. Our own number means an earlier life of ours. */
function isDead(one: Process, me: store.Entrant): boolean {
  if (one.host !== me.host) return false
  return one.pid === me.pid || processStart(one.pid) !== one.pidStart
}
