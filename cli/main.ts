import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { PJSON } from '@oclif/core/interfaces'
import { run } from '@oclif/core/run'
import { explain } from './failure.js'
import { paintFor } from './paint.js'
import { plainText } from './plain-text.js'

/**
 * Runs one command line and sets the exit code (see README.md).
 * @param root the folder of the build, where the list of commands lies ready
 */
export async function main(argv: string[], root: string): Promise<void> {
  try {
    await run(withColon(argv, root), { root, pjson: configuration(root), devPlugins: false, userPlugins: false })
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

/**
 * `provider proxy` is how people write `provider:proxy`. Joined where that is clear: no command has the first word, and
 * one has both. Others are asked about (see command.ts), since their second word may be an argument.
 */
function withColon(argv: string[], root: string): string[] {
  const [topic = '', word = '', ...rest] = argv
  if (topic.includes(':') || !/^[a-z][a-z-]*$/.test(word)) return argv
  const { commands } = JSON.parse(readFileSync(path.join(root, 'oclif.manifest.json'), 'utf8')) as {
    commands: Record<string, { aliases: string[]; hiddenAliases?: string[] }>
  }
  const names = new Set(
    Object.entries(commands).flatMap(([id, { aliases, hiddenAliases = [] }]) => [id, ...aliases, ...hiddenAliases]),
  )
  return !names.has(topic) && names.has(`${topic}:${word}`) ? [`${topic}:${word}`, ...rest] : argv
}

/** The package's own package.json, its paths turned from the package's folder to that of the build. */
export function configuration(root: string): PJSON {
  const text = readFileSync(path.join(root, '..', 'package.json'), 'utf8')
  return JSON.parse(text.replaceAll('"./dist/', '"./')) as PJSON
}

/** oclif ends a command early by throwing; that is no failure. */
function isExit(error: unknown): error is { oclif: { exit: number } } {
  return (error as { code?: unknown } | null)?.code === 'EEXIT'
}
