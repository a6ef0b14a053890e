import { WireError } from '@mortise/contract/errors'
import { checkForPush, type Manifest, readManifest } from '@mortise/contract/manifest/read'
import { isHouseSlug } from '@mortise/contract/manifest/reserved'
import { type Db, transact } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import { newToken, tokenHash } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { approvalProblem, withoutSecrets } from './approval.js'
import type { Installation } from './installable.js'
import * as manifests from './manifest-store.js'
import { putPlans } from './put-plans.js'
import type { Service } from './service.js'
import * as store from './store.js'

export interface PushDeps {
  db: Db
  world: World
  secrets: Secrets
  installation: Installation
}

export interface Pushed {
  service: Service
  /** As it is kept, with its secrets: the pusher has just sent them. */
  manifest: Manifest
  revision: number
  /** Told once, when the first push makes the service; afterwards only a hash is known. */
  clientSecret: string | null
  /** What was bent or let pass, one sentence each. */
  warnings: string[]
  /** Whether this made a new version. Pushing what is in force again does not. */
  isNew: boolean
}

/** Characters of a manifest with everything in it; real ones have a few thousand. */
const contentsCharsMax = 128 * 1024

/**
 * Publishes a manifest. The first push of a slug makes the service, owned by whoever pushed; two first pushes in the
 * same moment make one. Plans, prices and version change together or not at all. Safe to repeat.
 * @throws WireError 422 with one line for each problem, 403 when the slug is somebody else's
 */
export async function pushManifest(
  deps: PushDeps,
  pusher: { id: string; isOperator: boolean },
  slug: string,
  contents: unknown,
): Promise<Pushed> {
  const { manifest, warnings } = judge(contents, slug, deps.installation)
  if (isHouseSlug(slug) && !pusher.isOperator) {
    throw refusal(['"id" may not begin with "mortise": such services are the operator\'s. Choose another id.'])
  }
  return transact(deps.db, async (tx) => {
    const at = deps.world.now()
    const { $base: base, ...kept } = manifest
    const version = { id: deps.world.id(), accountId: pusher.id, at }
    const clientSecret = newToken()
    const newId = deps.world.id()
    const made = await store.insertService(tx, {
      id: newId,
      name: slug,
      humanName: kept.name,
      state: 'alpha',
      protocol: protocolOf(kept),
      ownerId: pusher.id,
      manifestId: version.id,
      clientSecretHash: tokenHash(clientSecret),
      at,
    })
    const service = made ? undefined : await store.lockService(tx, slug)
    const serviceId = service?.id ?? newId
    if (service) {
      if (service.ownerId !== pusher.id && !pusher.isOperator) {
        throw new WireError('forbidden', `The name "${slug}" belongs to another provider. Choose another "id".`)
      }
      const current = await manifests.currentManifest(tx, deps.secrets, service)
      if (same(current.manifest, kept)) {
        const { manifest: unchanged, revision } = current
        return { service, manifest: unchanged, revision, clientSecret: null, warnings, isNew: false }
      }
      checkBase(base, current.revision)
      const unapproved = approvalProblem(service, current.manifest, kept, pusher, deps.installation)
      if (unapproved) throw refusal([unapproved])
    }
    const revision = await manifests.insertManifest(tx, deps.secrets, { ...version, serviceId, manifest: kept })
    await store.setManifest(tx, serviceId, {
      manifestId: version.id,
      humanName: kept.name,
      protocol: protocolOf(kept),
      at,
    })
    await putPlans(tx, deps.world, serviceId, kept.plans, at)
    const after = (await store.serviceById(tx, serviceId)) as Service
    return {
      service: after,
      manifest: kept,
      revision,
      clientSecret: made ? clientSecret : null,
      warnings,
      isNew: true,
    }
  })
}

/** Lenient about form, strict about what would harm: on one's own machine the latter is fewer things. */
function judge(
  contents: unknown,
  slug: string,
  { localhost }: Installation,
): { manifest: Manifest; warnings: string[] } {
  const read = readManifest(contents)
  if ('problems' in read) throw refusal(read.problems)
  const { manifest } = read
  if (manifest.id !== slug) {
    throw refusal([
      `The manifest's "id" is "${manifest.id.slice(0, 60)}", but it was pushed as "${slug.slice(0, 60)}". Use one name.`,
    ])
  }
  // Off localhost nobody's loopback is a provider's: it would be ours.
  const rules = localhost ? {} : { isPlainHttpAllowed: () => false }
  const problems = checkForPush(manifest, { ...rules, localhost })
  if (JSON.stringify(withoutSecrets(manifest)).length > contentsCharsMax) {
    problems.push(`The manifest is longer than ${contentsCharsMax / 1024} KiB. Shorten its texts.`)
  }
  if (problems.length) throw refusal(problems)
  const passed = localhost ? checkForPush(manifest, rules).filter((problem) => !problems.includes(problem)) : []
  return { manifest, warnings: [...read.warnings, ...passed] }
}

function checkBase(base: Manifest['$base'], revision: number): void {
  if (base === undefined || Number(base) === revision) return
  throw refusal([
    `The manifest was changed since you pulled it: yours is based on revision ${base}, and ${revision} is in force. Pull it, and make your change there.`,
  ])
}

function protocolOf({ api }: Manifest): Service['protocol'] {
  return api.version === '1' ? 'heroku-v1' : 'heroku-v3'
}

function same(a: Manifest, b: Manifest): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** One line a problem: the portal's errors are a list. */
function refusal(problems: readonly string[]): WireError {
  return new WireError('invalid_params', problems.join('\n'))
}
