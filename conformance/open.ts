import type { Fields } from '@mortise/contract/manifest/fields'
import type { Manifest, ManifestEndpoint } from '@mortise/contract/manifest/manifest'
import type { Mask } from '@mortise/contract/partner-api/mask'
import { cleanUp } from './clean-up.js'
import { type FakePlatform, type FakePlatformOptions, startFakePlatform } from './fake-platform.js'
import { createInspection, defaultLimits, type Inspection, type Limits, type World } from './inspection.js'
import { createLedger } from './ledger.js'
import { createPartnerClient } from './partner.js'
import type { CleanUp } from './report.js'
import { createSender } from './send.js'

export interface OpenOptions {
  raw: Fields
  manifest: Manifest
  endpoint: ManifestEndpoint
  mask: Mask
  isProduction: boolean
  plan: string | undefined
  limits: Partial<Limits> | undefined
  world: World
  /** Ports for the pretended platform, in the order in which they are tried; 0 takes a free one. */
  platformPorts: readonly number[] | undefined
  platformUrl: string | undefined
  clientSecret: string | undefined
  signal: AbortSignal | undefined
  atRest?: (() => Promise<void>) | undefined
}

/** An inspection with everything that it holds open. */
export interface Opened {
  it: Inspection
  /** Removes what was made, then closes; never throws for what a provider does. */
  close(): Promise<CleanUp>
}

/**
 * Opens the pretended platform, before anything is asked: a provider may call it back at once.
 * @throws Error with code EADDRINUSE when none of the ports is free
 */
export async function openInspection(options: OpenOptions): Promise<Opened> {
  const { manifest, endpoint, mask, world, signal, clientSecret, platformUrl: publicUrl } = options
  const limits = { ...defaultLimits, ...options.limits }
  const platform = await startOnOneOf(options.platformPorts ?? [0], {
    manifest,
    publicUrl,
    clientSecret,
    now: world.now,
  })
  const sender = createSender(limits)
  const stop = () => sender.stop()
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  const ledger = createLedger(manifest.api.version)
  const partner = createPartnerClient(manifest, endpoint, sender, ledger, (verb, exchange) =>
    it.exchanges[verb].push(exchange),
  )
  const plan = options.plan ?? manifest.plans.find((each) => each.default)?.name ?? 'test'
  const { raw, isProduction, atRest = null } = options
  const shared = { raw, atRest, manifest, endpoint, isProduction, limits, world, platform, sender, mask, plan }
  const it = createInspection({ ...shared, partner, ledger })
  if (clientSecret) mask.hide(clientSecret)

  return {
    it,
    async close() {
      signal?.removeEventListener('abort', stop)
      try {
        return await cleanUp(ledger, partner, limits.cleanupMs)
      } finally {
        await Promise.all([platform.close(), sender.close()])
      }
    },
  }
}

async function startOnOneOf(
  ports: readonly number[],
  options: Omit<FakePlatformOptions, 'port'>,
): Promise<FakePlatform> {
  const [port = 0, ...others] = ports
  try {
    return await startFakePlatform({ ...options, port })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || others.length === 0) throw error
    return startOnOneOf(others, options)
  }
}
