import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { PJSON } from '@oclif/core/interfaces'
import { run } from '@oclif/core/run'
import { explain } from './failure.js'
import { paintFor } from './paint.js'
import { plainText } from './plain-text.js'

/**
 * Runs one command line and sets the exit code (see README.md). The configuration stands in package.json;
 * its paths are meant from the build's own folder, where the list of commands lies ready.
 */
export async function main(argv: string[]): Promise<void> {
  const root = fileURLToPath(new URL('.', import.meta.url))
  try {
    await run(argv, { root, pjson: configuration(), devPlugins: false, userPlugins: false })
  } catch (error) {
    if (isExit(error)) {
      process.exitCode = error.oclif.exit
      return
    }
    const { message, next, exitCode, bug } = explain(error, process.env)
    const paint = paintFor(process.stderr, process.env)
    process.stderr.write(`${paint.red('Error:')} ${plainText(message)}\n`)
    if (next) process.stderr.write(`${plainText(next)}\n`)
    if (bug && process.env['DEBUG']) process.stderr.write(`${bug.stack}\n`)
    process.exitCode = exitCode
  }
}

/** package.json with its paths turned from the package's folder to that of the build. */
export function configuration(): PJSON {
  const file = fileURLToPath(new URL('../package.json', import.meta.url))
  const text = readFileSync(file, 'utf8').replaceAll('"./dist/', '"./')
  return JSON.parse(text) as PJSON
}

/** oclif ends a command early by throwing; that is no failure. */
function isExit(error: unknown): error is { oclif: { exit: number } } {
  return (error as { code?: unknown } | null)?.code === 'EEXIT'
}
