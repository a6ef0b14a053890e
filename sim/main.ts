import { parseArgs } from 'node:util'
import { endTestDatabases } from '../platform/db/test-database.js'
import { type SimulationResult, simulate } from './simulation.js'

/** Worlds run for so long unless told otherwise. */
const hoursDefault = 3

const usage = 'Usage: bin/sim [--seed N | --seeds N [--from N] | --soak] [--hours H]'

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
        help: { type: 'boolean' },
      },
    })
    if (values.help) {
      process.stdout.write(`${usage}\n`)
      process.exit(0)
    }
    const number = (name: 'seed' | 'seeds' | 'from' | 'hours') => {
      const found = Number(values[name])
      if (values[name] !== undefined && !(found > 0)) stop(`--${name} must be a number above 0.`)
      return found
    }
    return {
      seed: number('seed'),
      seeds: number('seeds'),
      from: number('from'),
      hours: number('hours'),
      soak: values.soak === true,
    }
  } catch (error) {
    return stop((error as Error).message)
  }
}

/** One line a world, and how to see it again when something was wrong. */
function report(result: SimulationResult, hours: number): void {
  const { seed, ticks, crashes, asked, addons, wrong } = result
  const facts = `${ticks} ticks, ${addons} add-ons, ${asked} questions, ${crashes} crashes`
  process.stdout.write(`${wrong.length ? 'FAIL' : 'ok  '} seed ${seed}: ${facts}\n`)
  for (const sentence of wrong.slice(0, 10)) process.stdout.write(`       ${sentence}\n`)
  if (wrong.length) process.stdout.write(`       again: bin/sim --seed ${seed} --hours ${hours}\n`)
}

const { seed, seeds, from, hours, soak } = options()
let failed = 0
let ran = 0
if (Number.isFinite(seed)) {
  const result = await simulate({ seed, hours, tell: (line) => void process.stdout.write(`${line}\n`) })
  report(result, hours)
  ran = 1
  failed = result.wrong.length ? 1 : 0
} else {
  const last = soak ? Number.POSITIVE_INFINITY : from + (Number.isFinite(seeds) ? seeds : 50) - 1
  // A soak begins where no earlier one did, and stops at the first world that breaks.
  for (
    let next = soak ? Math.floor(Date.now() / 1000) % 1_000_000_000 : from;
    soak ? failed === 0 : next <= last;
    next++
  ) {
    const result = await simulate({ seed: next, hours })
    ran++
    if (result.wrong.length) failed++
    if (soak || result.wrong.length) report(result, hours)
  }
}
await endTestDatabases()
process.stdout.write(`${ran - failed} passed, ${failed} failed\n`)
process.exit(failed ? 1 : 0)
