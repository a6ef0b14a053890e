import { randomUUID } from 'node:crypto'
import { isFields } from '@mortise/contract/manifest/fields'
import { readManifest } from '@mortise/contract/manifest/read'
import { type Check, CouldNotRun, fail, type PhaseId, pass, Skipped, type Verdict } from './check.js'
import { cleanUp } from './clean-up.js'
import { startFakePlatform } from './fake-platform.js'
import { createInspection, defaultLimits, type Inspection, type Limits, type World } from './inspection.js'
import { createLedger } from './ledger.js'
import { judgeManifest, manifestChecks } from './manifest-checks.js'
import { createMask } from './mask.js'
import { createPartnerClient } from './partner.js'
import { phases } from './phases.js'
import { type CheckResult, type CleanUp, type Reader, type Report, reportOf, resultOf } from './report.js'
import { createSender, Interrupted } from './send.js'

export interface InspectOptions {
  /** The manifest as parsed from its file. */
  manifest: unknown
  /** Name of that file, for the report. */
  file?: string
  /** Asks api.production even when there is api.test, and expects addresses that apps elsewhere can reach. */
  production?: boolean
  /** The plan to provision; by default that of the manifest. */
  plan?: string
  /** Phases to make; by default all of them. */
  only?: readonly PhaseId[]
  /** Phases to leave out. */
  without?: readonly PhaseId[]
  limits?: Partial<Limits>
  world?: World
  /** Port of the pretended platform; 0, the default, takes a free one. */
  platformPort?: number
  platformUrl?: string | undefined
  clientSecret?: string | undefined
  reader?: Reader
  /** Aborting it ends the inspection after the requests under way; what was made is removed all the same. */
  signal?: AbortSignal
}

export const realWorld: World = { now: Date.now, id: randomUUID }

/**
 * Asks a provider everything that a platform may ask, and some rude things. Whatever was made is removed before this
 * returns, whatever happened. Expected misbehaviour is in the report; so is not having been able to run (`error`).
 * @throws Error with code EADDRINUSE when the platform's port is taken
 */
export async function inspect(options: InspectOptions): Promise<Report> {
  const { manifest: raw, file = 'addon-manifest.json', reader = {}, world = realWorld } = options
  const isWanted = (id: PhaseId) => (options.only ?? [id]).includes(id) && !options.without?.includes(id)
  const results: CheckResult[] = []
  const add = (result: CheckResult) => {
    results.push(result)
    reader.end?.(result)
  }
  const mask = createMask()
  const nothing: CleanUp = { made: 0, left: [] }

  const fields = isFields(raw) ? raw : {}
  for (const key of ['password', 'sso_salt']) {
    const secret = isFields(fields.api) ? fields.api[key] : undefined
    if (typeof secret === 'string') mask.hide(secret)
  }
  if (isWanted('manifest')) {
    reader.phase?.('manifest')
    for (const check of manifestChecks) {
      reader.begin?.(check.title)
      add(resultOf(check, 'manifest', judgeManifest(check, fields, file), mask, 0))
    }
  }
  const wanted = phases.filter(({ id }) => isWanted(id))
  if (wanted.length === 0) return reportOf(results, nothing, null)

  const read = readManifest(raw)
  if ('problems' in read) {
    const reason = `The manifest cannot be used. ${read.problems.join(' ')}`
    if (!results.some(({ status }) => status === 'fail')) return reportOf(results, nothing, reason)
    for (const phase of wanted)
      for (const check of phase.checks) add(resultOf(check, phase.id, skipped(reason), mask, 0))
    return reportOf(results, nothing, null)
  }
  const { manifest } = read
  const endpoint = (options.production ? undefined : manifest.api.test) ?? manifest.api.production
  for (const url of [endpoint.base_url, endpoint.sso_url ?? endpoint.base_url]) {
    if (!URL.canParse(url)) return reportOf(results, nothing, `${url} is no address.`)
  }

  const limits = { ...defaultLimits, ...options.limits }
  const { platformPort: port = 0, platformUrl: publicUrl, clientSecret, production: isProduction = false } = options
  const platform = await startFakePlatform({ manifest, port, publicUrl, clientSecret, now: world.now })
  const sender = createSender(limits)
  const stop = () => sender.stop()
  options.signal?.addEventListener('abort', stop)
  if (options.signal?.aborted) stop()
  const ledger = createLedger(manifest.api.version)
  const partner = createPartnerClient(manifest, endpoint, sender, ledger, (verb, exchange) =>
    it.exchanges[verb].push(exchange),
  )
  const plan = options.plan ?? manifest.plans.find((each) => each.default)?.name ?? 'test'
  const parts = { raw: fields, manifest, endpoint, isProduction, limits, world, platform, sender, mask, plan }
  const it = createInspection({ ...parts, partner, ledger })

  let error: string | null = null
  try {
    for (const phase of wanted) {
      reader.phase?.(phase.title)
      for (const check of phase.checks) {
        reader.begin?.(check.title)
        const from = performance.now()
        const verdict = await run(check, it)
        learnSecrets(it)
        add(resultOf(check, phase.id, verdict, mask, performance.now() - from))
      }
    }
    error = wanted.some(({ id }) => id === 'provision') ? null : await setUpProblem(it)
  } catch (failure) {
    if (!(failure instanceof CouldNotRun || failure instanceof Interrupted)) throw failure
    error = failure.message
  } finally {
    options.signal?.removeEventListener('abort', stop)
    // Whoever interrupts waits for the clean-up; whoever has a bug here does so too.
    const removed = await cleanUp(ledger, partner, limits.cleanupMs)
    if (removed.made > 0) add(resultOf(cleanCheck, 'after', cleanVerdict(removed), mask, 0))
    nothing.made = removed.made
    nothing.left = removed.left
    await Promise.all([platform.close(), sender.close()])
  }
  return reportOf(results, nothing, error)
}

async function run(check: Check, it: Inspection): Promise<Verdict> {
  try {
    return await check.run(it)
  } catch (error) {
    if (!(error instanceof Skipped)) throw error
    return skipped(error.message)
  }
}

function skipped(reason: string): Verdict {
  return { status: 'skip', reason, evidence: { sent: '', received: '' } }
}

/** Values that a report must not show are learned from the answers. */
function learnSecrets({ mask, platform, exchanges }: Inspection): void {
  for (const { question } of exchanges.provision) {
    const addon = platform.addon(uuidOf(question.body))
    if (!addon) continue
    for (const secret of [...addon.config.values(), ...addon.accessTokens, addon.code, addon.refreshToken]) {
      mask.hide(secret)
    }
  }
}

function uuidOf(body = ''): string {
  const question: unknown = JSON.parse(body)
  return isFields(question) ? String(question.uuid) : ''
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

const cleanCheck = {
  id: 'after.clean',
  title: 'everything that the inspection made could be removed',
  rule: 'Every resource can be removed, in whatever state an inspection leaves it.',
  source: 'Mortise, ledger',
  advice: 'Remove what is named here by hand, and look why its removal was not done.',
}

function cleanVerdict({ made, left }: CleanUp): Verdict {
  const evidence = { sent: `DELETE for each of ${made} resources`, received: left.join('\n') || 'all are gone' }
  return left.length ? fail(left.join(' '), evidence) : pass(evidence)
}
