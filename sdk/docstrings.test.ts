import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const sdk = fileURLToPath(new URL('.', import.meta.url))
const root = join(sdk, '..')
/** Below the package, so that its names are found as a provider finds them. */
const dir = join(sdk, '.mortise', `examples-${process.pid}`)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** What the examples take as given. */
const prelude = `import { readFileSync } from 'node:fs'
import pg from 'pg'
import { postgresStore } from '@mortise/provider/postgres-store'
import { createSeal } from '@mortise/provider/seal'
import { createProvider, deepLink } from '@mortise/provider/serve'
import { callsOfPlatform } from '@mortise/provider/testing'
declare const manifest: unknown
declare function makeDatabase(uuid: string, plan: string): Promise<string>
declare function dropDatabase(uuid: string): Promise<void>
`

/** The lines from @example to the next tag, or to the end of the comment. */
function examplesIn(text: string): string[] {
  return [...text.matchAll(/^ \* @example\n((?: \*(?: (?!@).*)?\n)+)/gm)].map(([, lines = '']) =>
    lines.replace(/^ \* ?/gm, ''),
  )
}

const examples = readdirSync(sdk)
  .filter((file) => file.endsWith('.ts') && !/(test|fixture)\.ts$/.test(file))
  .flatMap((file) => examplesIn(readFileSync(join(sdk, file), 'utf8')).map((code) => ({ file, code })))

/** @returns what the compiler says; empty when it is content */
function compile(codes: readonly string[]): string {
  mkdirSync(dir, { recursive: true })
  const files = codes.map((code, n) => {
    const file = join(dir, `example-${n}.ts`)
    writeFileSync(file, `${prelude}${code}`)
    return file
  })
  const compilerOptions = { noUnusedLocals: false, types: ['node'], typeRoots: [join(root, 'node_modules/@types')] }
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [], exclude: [], files }
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules/typescript-7/bin/tsc')
  return spawnSync(process.execPath, [tsc, '-p', dir], { encoding: 'utf8' }).stdout
}

test('every example in a docstring compiles as it stands', () => {
  expect(examples.map(({ file }) => file)).toEqual(['deep-link.ts', 'postgres-store.ts', 'serve.ts', 'testing.ts'])
  expect(compile(examples.map(({ code }) => code))).toBe('')
})

test('one that does not is found', () => {
  expect(compile(["deepLink({ platform: 'http://localhost:5055' })"])).toContain('example-0.ts')
})
