import { readFileSync, writeFileSync } from 'node:fs'
import { parseCommented } from '@mortise/contract/manifest/commented'
import { isFields, textOf } from '@mortise/contract/manifest/fields'
import { type Arguments, readArguments, usage } from './arguments.js'
import { handIn } from './hand-in.js'
import { type InspectOptions, inspect, realWorld } from './inspect.js'
import { type Report, reportOf } from './report.js'
import { junitText } from './report-junit.js'
import { summaryText, type Terminal, terminalReader } from './report-terminal.js'
import { runConsumer } from './run-consumer.js'
import { maskFor, targetOf } from './target.js'

export interface Surroundings {
  stdout: Terminal
  stderr: Terminal
  env: Record<string, string | undefined>
  signal: AbortSignal
}

/**
 * `mortise inspect ARGV`.
 * @returns the exit code: 0 nothing failed, 1 something did, 2 could not run
 */
export async function main(argv: readonly string[], around: Surroundings): Promise<number> {
  const { stdout, stderr } = around
  let wishes: Arguments
  try {
    wishes = readArguments(argv)
  } catch (error) {
    stderr.write(`${(error as Error).message}\nSee: mortise inspect --help\n`)
    return 2
  }
  if (wishes.isHelp) {
    stdout.write(usage)
    return 0
  }
  try {
    const manifest = readJsonFile(wishes.file)
    return wishes.command ? await consume(wishes, manifest, around) : await inspectAndTell(wishes, manifest, around)
  } catch (error) {
    const message = messageOf(error as NodeJS.ErrnoException)
    if (wishes.isJson) stdout.write(jsonText(reportOf([], { made: 0, left: [] }, message)))
    else stderr.write(`${message}\n`)
    return 2
  }
}

async function inspectAndTell(wishes: Arguments, manifest: unknown, around: Surroundings): Promise<number> {
  const { stdout, env, signal } = around
  const { isJson, isVerbose, file, plan, only, without, isProduction, waitMs, platformPorts, platformUrl } = wishes
  const isColoured = Boolean(stdout.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb'
  const options: InspectOptions = {
    ...{ manifest, file, plan, only, without, platformPorts, platformUrl, signal },
    production: isProduction,
    clientSecret: env.CLIENT_SECRET || undefined,
    limits: waitMs === undefined ? {} : { asyncMs: waitMs },
    ...(isJson ? {} : { reader: terminalReader(stdout, { isColoured, isVerbose }) }),
  }
  const report = await inspect(options)
  stdout.write(isJson ? jsonText(report) : summaryText(report))
  if (wishes.junit) writeFileSync(wishes.junit, junitText(report, serviceOf(manifest)))
  if (wishes.report && !report.error) {
    if (!env.MORTISE_API_KEY) throw new Error('MORTISE_API_KEY is missing: --report needs the key of the owner.')
    await handIn(report, serviceOf(manifest), wishes.report, env.MORTISE_API_KEY)
    around.stderr.write(`The report is at ${wishes.report}.\n`)
  }
  return report.error ? 2 : report.failed > 0 ? 1 : 0
}

async function consume(wishes: Arguments, manifest: unknown, { stderr, env, signal }: Surroundings): Promise<number> {
  const target = targetOf(manifest, wishes.isProduction)
  if ('problem' in target) throw new Error(target.problem)
  const { plan, platformPorts, platformUrl, isProduction, waitMs } = wishes
  const { code, error, cleanUp } = await runConsumer(
    wishes.command ?? [],
    {
      ...{ ...target, plan, platformPorts, platformUrl, isProduction, signal },
      raw: isFields(manifest) ? manifest : {},
      mask: maskFor(manifest),
      limits: waitMs === undefined ? {} : { asyncMs: waitMs },
      world: realWorld,
      clientSecret: env.CLIENT_SECRET || undefined,
    },
    env,
  )
  for (const left of cleanUp.left) stderr.write(`${left}\n`)
  if (error !== null) stderr.write(`${error}\n`)
  if (code === null) return 2
  if (code !== 0) stderr.write(`The command ended with ${code}; expected 0.\n`)
  return code === 0 && cleanUp.left.length === 0 ? 0 : 1
}

const jsonText = (report: Report) => `${JSON.stringify(report, null, 2)}\n`

function serviceOf(manifest: unknown): string {
  return (isFields(manifest) && textOf(manifest.id)) || 'provider'
}

/** @throws Error with a sentence that says which file, and what about it */
function readJsonFile(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`Could not read ${file}: ${(error as Error).message}`, { cause: error })
  }
  try {
    return parseCommented(text)
  } catch (error) {
    throw new Error(`${file} is not valid JSON: ${(error as Error).message}`, { cause: error })
  }
}

function messageOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'That port is taken: say another --platform-port.'
  if (error instanceof TypeError || error instanceof RangeError) return error.stack ?? error.message
  return error.message
}
