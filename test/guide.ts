import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'

/** A fenced block of commands, and what the block below it says that they print. */
export interface Deed {
  commands: string[]
  shows: string | null
}

/** What a guide in docs/ says to type, in its order. */
export function deedsOf(guide: string): Deed[] {
  const text = fs.readFileSync(path.join(import.meta.dirname, '..', guide), 'utf8')
  return [...text.matchAll(/```sh\n(.*?)```(?:[^`#]*?\n```text\n(.*?)```)?/gs)].map(([, typed = '', shows]) => ({
    commands: typed.trim().split('\n'),
    shows: shows ?? null,
  }))
}

/** Puts real places and names where a guide has its example's. */
export const filledIn = (text: string, words: Record<string, string>): string =>
  Object.entries(words).reduce((said, [word, place]) => {
    const isWord = /^\w+$/.test(word)
    return said.replace(isWord ? new RegExp(`\\b${word}\\b`, 'g') : word, () => place)
  }, text)

/** Types one line in a shell. @returns what a terminal would show @throws when it ends otherwise than well */
export async function typeLine(line: string, cwd: string, env: Record<string, string>): Promise<string> {
  const child = spawn('bash', ['-c', line], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      said += part
    })
  const code = await new Promise((done) => child.once('close', done))
  expect(code, `${line}\n${said}`).toBe(0)
  return said
}

/** Holds what was printed against what a guide shows, in which `…` stands for what differs each time. */
export function expectShown(printed: string, shows: string): void {
  const lines = shows
    .trim()
    .split('\n')
    .map((line) =>
      line
        .trim()
        .split('…')
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ +/g, ' +'))
        .join('.*'),
    )
  // A line that is nothing but … stands for any number of lines.
  const pattern = lines.map((line) => (line === '.*' ? '[\\s\\S]*' : `${line} *\\n?`)).join('\\s*')
  // In a checkout whose sources changed, the first command says that it builds.
  expect(printed.replace(/^Building .*\n/gm, '').trim()).toMatch(new RegExp(`^${pattern}$`))
}
