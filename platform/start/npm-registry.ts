import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Builder } from '@mortise/runtime/build/build'

/**
 * A builder whose builds install from where this machine's own npm does: builds see neither our environment nor our
 * npm settings. The address may hold a password, so it is in no file and no log.
 * @param given the operator's choice; null asks npm, once, when the first build needs it
 */
export function withRegistry(builder: Builder, given: string | null): Builder {
  let found: Promise<string | null> | undefined
  return {
    ...builder,
    async build(request) {
      found ??= given === null ? askNpm() : Promise.resolve(given)
      const registry = await found
      const own: Record<string, string> = registry === null ? {} : { npm_config_registry: registry }
      return builder.build({ ...request, extraEnv: { ...own, ...request.extraEnv } })
    },
  }
}

async function askNpm(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], { timeout: 15_000 })
    const text = stdout.trim()
    return /^https?:\/\//.test(text) ? text : null
  } catch {
    // No npm here: builds that need one will say so themselves.
    return null
  }
}
