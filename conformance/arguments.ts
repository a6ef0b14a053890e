import { parseArgs } from 'node:util'
import { type PhaseId, phaseIds } from './check.js'

export const usage = `Inspect an add-on provider: everything that a platform may ask of it, and some rude things.

  mortise inspect [FILE] [options]             FILE is addon-manifest.json by default
  mortise inspect run [FILE] [options] -- CMD  run CMD with the config of a fresh resource in its environment

Options
  --production         ask api.production, not api.test
  --plan NAME          provision this plan; by default that of the manifest
  --only PHASE         only this phase (may be repeated): ${phaseIds.join(', ')}
  --sso-only           the same as --only sso
  --without-sso        everything but single sign-on
  --json               print the report as JSON
  --junit FILE         also write the report for a CI system
  --report URL         also hand the report to the platform there, for the portal and the marketplace; the
                       key of the service's owner is MORTISE_API_KEY
  --verbose            show what was sent and received for passed checks, too
  --wait SECONDS       how long to wait for what was answered with 202 (60)
  --platform-port N    where the provider calls back (7779; a free port when that is taken)
  --platform-url URL   what the provider is told instead, when it runs elsewhere

CLIENT_SECRET in the environment is what token requests must carry; without it any secret will do.
Exit code: 0 when nothing failed, 1 when something did, 2 when it could not run.
`

export interface Arguments {
  file: string
  /** The command of \`inspect run\`, or null. */
  command: string[] | null
  isHelp: boolean
  isJson: boolean
  isVerbose: boolean
  isProduction: boolean
  junit: string | undefined
  plan: string | undefined
  only: PhaseId[] | undefined
  without: PhaseId[]
  waitMs: number | undefined
  platformPorts: number[]
  platformUrl: string | undefined
  /** Where the report is handed in. */
  report: string | undefined
}

/** kensa's port for what a provider calls back. Source: kensa 3.1.0. */
const kensaPort = 7779

/** @throws Error with one sentence for whoever typed it */
export function readArguments(argv: readonly string[]): Arguments {
  const isRun = argv[0] === 'run'
  const end = isRun ? argv.indexOf('--') : -1
  const own = argv.slice(isRun ? 1 : 0, end < 0 ? undefined : end)
  const { values, positionals } = parse(own)
  const command = isRun ? (end < 0 ? [] : argv.slice(end + 1)) : null
  if (command?.length === 0 && !values.help) throw new Error('Say what to run: mortise inspect run -- CMD')
  if (positionals.length > 1) throw new Error(`One manifest at a time; ${positionals[1]} is one too many.`)
  const only = [...(values.only ?? []), ...(values['sso-only'] ? ['sso'] : [])]
  const port = wholeNumber('--platform-port', values['platform-port'], 65_535)
  const seconds = wholeNumber('--wait', values.wait, 43_200)
  const platformUrl = values['platform-url']
  if (platformUrl !== undefined && !URL.canParse(platformUrl)) throw new Error('--platform-url must be an address.')
  const { report } = values
  if (report !== undefined && !URL.canParse(report)) throw new Error('--report must be the address of a platform.')
  if (report !== undefined && (only.length > 0 || values['without-sso'] || isRun)) {
    throw new Error('--report is for whole inspections: leave out --only, --sso-only and --without-sso.')
  }
  return {
    file: positionals[0] ?? 'addon-manifest.json',
    command,
    isHelp: values.help ?? false,
    isJson: values.json ?? false,
    isVerbose: values.verbose ?? false,
    isProduction: values.production ?? false,
    junit: values.junit,
    plan: values.plan,
    only: only.length ? only.map(phaseOf) : undefined,
    without: values['without-sso'] ? ['sso'] : [],
    waitMs: seconds === undefined ? undefined : seconds * 1_000,
    platformPorts: port === undefined ? [kensaPort, 0] : [port],
    platformUrl,
    report,
  }
}

function parse(args: string[]) {
  return parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      json: { type: 'boolean' },
      junit: { type: 'string' },
      report: { type: 'string' },
      verbose: { type: 'boolean', short: 'v' },
      production: { type: 'boolean' },
      plan: { type: 'string', short: 'p' },
      only: { type: 'string', multiple: true },
      'sso-only': { type: 'boolean' },
      'without-sso': { type: 'boolean' },
      wait: { type: 'string' },
      'platform-port': { type: 'string' },
      'platform-url': { type: 'string' },
    },
  })
}

function phaseOf(text: string): PhaseId {
  const phase = phaseIds.find((id) => id === text)
  if (!phase) throw new Error(`There is no phase "${text}"; there are ${phaseIds.join(', ')}.`)
  return phase
}

function wholeNumber(flag: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,6}$/.test(text) || Number(text) > max) throw new Error(`${flag} must be a whole number up to ${max}.`)
  return Number(text)
}
