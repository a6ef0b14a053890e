import { parseArgs } from 'node:util'
import { endTestDatabases } from '../platform/db/test-database.js'
import { printCoverage } from './coverage.js'
import { type SimulationResult, simulate } from './simulation.js'

/** Worlds run for so long unless told otherwise. */
const hoursDefault = 0.4
const seedsDefault = 50
/** How often a long run says that it lives. */
const progressEvery = 10

const usage = 'Usage: bin/sim [--seed N | --seeds N [--from N] | --soak] [--hours H] [--ordinary] [--minutes M]'

function stop(sentence: string): never {
  process.stderr.write(`bin/sim: ${sentence}\n${usage}\n`)
  process.exit(2)
}

function options() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string' },
        from: { type: 'string', default: '1' },
        hours: { type: 'string', default: String(hoursDefault) },
        soak: { type: 'boolean' },
        ordinary: { type: 'boolean' },
        minutes: { type: 'string' },
        help: { type: 'boolean' },
      },
    })
    if (values.help) {
      process.stdout.write(`${usage}\n`)
      process.exit(0)
    }
    const number = (name: 'seed' | 'seeds' | 'from' | 'hours' | 'minutes') => {
      const found = Number(values[name])
      if (values[name] !== undefined && !(found > 0)) stop(`--${name} must be a number above 0.`)
      return found
    }
    return {
      seed: number('seed'),
      seeds: number('seeds'),
      from: number('from'),
      hours: number('hours'),
      minutes: number('minutes'),
      soak: values.soak === true,
      ordinary: values.ordinary === true,
    }
  } catch (error) {
    return stop((error as Error).message)
  }
}

/** One line a world, and how to see it again when something was wrong. */
function report(result: SimulationResult, hours: number): void {
  const { seed, looks, crashes, asked, addons, wrong, last, hash } = result
  const facts = `${looks} looks, ${addons} add-ons, ${asked} questions, ${crashes} crashes · ${hash.slice(0, 8)}`
  process.stdout.write(`${wrong.length ? 'FAIL' : 'ok  '} seed ${seed}: ${facts}\n`)
  if (wrong.length === 0) return
  for (const line of last.slice(-40)) process.stdout.write(`       ${line}\n`)
  for (const sentence of wrong.slice(0, 10)) process.stdout.write(`     ✗ ${sentence}\n`)
  process.stdout.write(`       again: bin/sim --seed ${seed} --hours ${hours}${ordinary ? ' --ordinary' : ''}\n`)
}

const { seed, seeds, from, hours, minutes, soak, ordinary } = options()
const began = performance.now()
const coverage = new Map<string, number>()
let failed = 0
let ran = 0

async function world(next: number, tell?: (line: string) => void): Promise<void> {
  const result = await simulate({ seed: next, hours, onlyOrdinary: ordinary, ...(tell ? { tell } : {}) })
  ran++
  if (result.wrong.length) failed++
  for (const [what, times] of result.coverage) coverage.set(what, (coverage.get(what) ?? 0) + times)
  if (tell || soak || result.wrong.length) report(result, hours)
  else if (ran % progressEvery === 0) {
    process.stderr.write(`${ran} worlds, ${failed} failed, ${Math.round((performance.now() - began) / 1000)} s\n`)
  }
}

if (Number.isFinite(seed)) {
  await world(seed, (line) => void process.stdout.write(`${line}\n`))
} else if (soak) {
  // A soak begins where no earlier one did, and stops at the first world that breaks.
  for (let next = Math.floor(Date.now() / 1000) % 1_000_000_000; failed === 0; next++) await world(next)
} else {
  const last = from + (Number.isFinite(seeds) ? seeds : seedsDefault) - 1
  // No new world is begun after so many minutes, and the last line says how many there were.
  const isOver = () => Number.isFinite(minutes) && performance.now() - began > minutes * 60_000
  for (let next = from; next <= last && !isOver(); next++) await world(next)
  if (ran < last - from + 1)
    process.stdout.write(`stopped after ${minutes} minutes: ${ran} of ${last - from + 1} worlds\n`)
}
await endTestDatabases()
if (ran > 1) printCoverage(coverage, (line) => void process.stdout.write(`${line}\n`))
process.stdout.write(`${ran - failed} passed, ${failed} failed\n`)
process.exit(failed ? 1 : 0)
