import { type Finding, ok, problem, warning } from '@mortise/contract/finding'
import type { Db } from '../db/db.js'
import type { Process } from '../processes/process.js'
import { listProcesses } from '../processes/store.js'
import type { World } from '../world/world.js'
import { workFacts } from './store.js'

/** A healthy worker takes up what is due within a second or two. */
export const lateMs = 5 * 60_000

/** Who works, and what is stuck or waits for longer than it should. */
export async function lookAtWork(db: Db, world: World, version: string): Promise<Finding[]> {
  const processes = await listProcesses(db)
  const work = await workFacts(db, world.now(), lateMs)
  const unpublishedMs = work.oldestUnpublished ? world.now().getTime() - work.oldestUnpublished.getTime() : 0
  return [
    ...lookAtProcesses(processes, version),
    counted('operations', work.stuckOperations, 'operations are stuck', 'mortise operations -s stuck'),
    counted('ledger', work.stuckDebts, 'resources at providers are stuck', 'mortise ledger -s stuck'),
    work.lateOperations + work.appsWithoutRelease || unpublishedMs > lateMs
      ? problem(
          'background work',
          `${work.lateOperations} operations and ${work.appsWithoutRelease} rollouts wait for longer than ${lateMs / 60_000} min although they are due${unpublishedMs > lateMs ? ', and events are not handed to webhooks' : ''}.`,
          'Look for faults in mortise.log, and restart the process that does the background work.',
        )
      : ok('background work', 'Nothing waits that is due.'),
    work.openCircuits.length
      ? warning(
          'providers',
          `${work.openCircuits.join(', ')} failed several times in a row and ${work.openCircuits.length === 1 ? 'is' : 'are'} left alone for a while.`,
          'See why with: mortise providers',
        )
      : ok('providers', 'Each is asked as usual.'),
    work.failingWebhooks
      ? warning(
          'webhooks',
          `${work.failingWebhooks} webhooks have had no answer for a day.`,
          'Tell their owners: mortise webhooks:deliveries shows what was answered.',
        )
      : ok('webhooks', 'None fails for long.'),
  ]
}

function lookAtProcesses(processes: readonly Process[], version: string): Finding[] {
  const alive = processes.filter(({ isSilent }) => !isSilent)
  const silent = processes.filter(({ isSilent }) => isSilent)
  const others = [...new Set(alive.filter((one) => one.version !== version).map((one) => one.version))]
  const found: Finding[] = []
  if (!alive.some(({ role }) => role === 'all')) {
    const next = 'Start one without --role; the log of the last one is mortise.log in its data folder.'
    found.push(problem('processes', 'No process runs apps.', next))
  } else
    found.push(
      ok('processes', `${alive.length} alive: ${alive.map(({ role, host }) => `${role} on ${host}`).join(', ')}.`),
    )
  if (silent.length) {
    found.push(
      warning(
        'silent processes',
        `${silent.map(({ role, host, pid }) => `${role} (process ${pid} on ${host})`).join(', ')} said nothing for 20 s.`,
        'It is dead, paused, or cut off from the database: look there, and start it again.',
      ),
    )
  }
  if (others.length) {
    const next = 'Restart them with the same version: a newer one may have changed what an older one reads.'
    found.push(
      warning('versions', `Processes of version ${others.join(', ')} work beside this program's ${version}.`, next),
    )
  }
  return found
}

function counted(check: string, count: number, what: string, command: string): Finding {
  if (count === 0) return ok(check, 'Nothing is stuck.')
  return problem(check, `${count} ${what} and need you.`, `See them with: ${command} (docs/operating/stuck.md).`)
}
