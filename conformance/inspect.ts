import { randomUUID } from 'node:crypto'
import { isFields } from '@mortise/contract/manifest/fields'
import { type Check, CouldNotRun, fail, type PhaseId, pass, Skipped, type Verdict } from './check.js'
import type { Inspection, Limits, World } from './inspection.js'
import { judgeManifest, manifestChecks } from './manifest-checks.js'
import { openInspection } from './open.js'
import { phases } from './phases.js'
import {
  type CheckResult,
  type CleanUp,
  type Described,
  type Reader,
  type Report,
  reportOf,
  resultOf,
} from './report.js'
import { Interrupted } from './send.js'
import { maskFor, targetOf } from './target.js'

export interface InspectOptions {
  /** The manifest as parsed from its file. */
  manifest: unknown
  /** Name of that file, for the report. */
  file?: string
  /** Asks api.production even when there is api.test, and expects addresses that apps elsewhere can reach. */
  production?: boolean
  /** The plan to provision; by default that of the manifest. */
  plan?: string | undefined
  /** Phases to make; by default all of them. */
  only?: readonly PhaseId[] | undefined
  /** Phases to leave out. */
  without?: readonly PhaseId[]
  limits?: Partial<Limits>
  world?: World
  /** Ports for the pretended platform, in the order in which they are tried; 0, the default, takes a free one. */
  platformPorts?: readonly number[]
  /** What the provider is told instead of the pretended platform's loopback address. */
  platformUrl?: string | undefined
  /** The OAuth secret that token requests must carry; without it any will do. */
  clientSecret?: string | undefined
  reader?: Reader
  /** Aborting it ends the inspection after the requests under way; what was made is removed all the same. */
  signal?: AbortSignal
  /**
   * Resolves when the provider will not call any more. Whoever runs it in the same process can know; without it,
   * silence for `limits.graceMs` is taken for that.
   */
  atRest?: (() => Promise<void>) | undefined
}

export const realWorld: World = { now: Date.now, id: randomUUID }

/**
 * Asks a provider everything that a platform may ask, and some rude things. Whatever was made is removed before this
 * returns, whatever happened. Expected misbehaviour is in the report; so is not having been able to run (`error`).
 * @throws Error with code EADDRINUSE when none of the platform's ports is free
 */
export async function inspect(options: InspectOptions): Promise<Report> {
  const { manifest: raw, file = 'addon-manifest.json', reader = {}, world = realWorld, production = false } = options
  const isWanted = (id: PhaseId) => (options.only ?? [id]).includes(id) && !options.without?.includes(id)
  const wanted = phases.filter(({ id }) => isWanted(id))
  const checks: CheckResult[] = []
  const mask = maskFor(raw)
  const fields = isFields(raw) ? raw : {}
  const made: CleanUp = { made: 0, left: [] }

  async function make(check: Described, phase: PhaseId, judge: () => Promise<Verdict> | Verdict): Promise<void> {
    reader.begin?.(check.title)
    const from = performance.now()
    const verdict = await judge()
    const result = resultOf(check, phase, verdict, mask, performance.now() - from)
    checks.push(result)
    reader.end?.(result)
  }

  if (isWanted('manifest')) {
    reader.phase?.('manifest')
    for (const check of manifestChecks) await make(check, 'manifest', () => judgeManifest(check, fields, file))
  }
  if (wanted.length === 0) return reportOf(checks, made, null)

  const target = targetOf(raw, production)
  if ('problem' in target) {
    if (!checks.some(({ status }) => status === 'fail')) return reportOf(checks, made, target.problem)
    for (const { id, checks: its } of wanted) for (const check of its) await make(check, id, () => skip(target.problem))
    return reportOf(checks, made, null)
  }

  const { plan, limits, platformPorts, platformUrl, clientSecret, signal, atRest } = options
  const wishes = { plan, limits, platformPorts, platformUrl, clientSecret, signal, atRest }
  const opened = await openInspection({ ...wishes, ...target, raw: fields, mask, world, isProduction: production })
  let error: string | null = null
  try {
    for (const phase of wanted) {
      reader.phase?.(phase.title)
      for (const check of phase.checks) await make(check, phase.id, () => run(check, opened.it))
    }
    error = isWanted('provision') ? null : await setUpProblem(opened.it)
  } catch (failure) {
    if (!(failure instanceof CouldNotRun || failure instanceof Interrupted)) throw failure
    error = failure.message
  } finally {
    // Whoever interrupts waits for the clean-up, and so does whoever found a bug of ours.
    Object.assign(made, await opened.close())
  }
  if (made.made > 0) await make(cleanCheck, 'after', () => cleanVerdict(made))
  return reportOf(checks, made, error)
}

async function run(check: Check, it: Inspection): Promise<Verdict> {
  try {
    return await check.run(it)
  } catch (error) {
    if (error instanceof Skipped) return skip(error.message)
    throw error
  } finally {
    // Values that a report must not show are learned from the answers.
    for (const addon of it.platform.addons()) {
      const { config, accessTokens, code, refreshToken } = addon
      for (const secret of [...config.values(), ...accessTokens, code, refreshToken]) it.mask.hide(secret)
    }
  }
}

function skip(reason: string): Verdict {
  return { status: 'skip', reason, evidence: { sent: '', received: '' } }
}

/** A phase in the middle needs a resource: without one it has said nothing. */
async function setUpProblem(it: Inspection): Promise<string | null> {
  try {
    await it.live()
    return null
  } catch (error) {
    if (!(error instanceof Skipped)) throw error
    return `Could not start: ${error.message}. Inspect the phase "provision" first.`
  }
}

export const cleanCheck: Described = {
  id: 'after.clean',
  title: 'everything that the inspection made is removed',
  rule: 'Every resource can be removed, in whatever state an inspection leaves it.',
  source: 'Mortise, ledger',
  advice: 'Remove what is named here by hand, and look why its removal was not done.',
}

function cleanVerdict({ made, left }: CleanUp): Verdict {
  const evidence = { sent: `DELETE for each of ${made} resources`, received: left.join('\n') || 'all are gone' }
  return left.length ? fail(left.join(' '), evidence) : pass(evidence)
}
