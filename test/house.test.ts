import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-house-'))
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }))

/** Looks at who imports whom in a tree, with the rules of this one. */
function cruise(tree: string, folders: readonly string[]): { code: number | null; said: string } {
  const program = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  const args = [program, '--config', path.join(root, '.dependency-cruiser.cjs'), ...folders]
  const run = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' })
  return { code: run.status, said: run.stdout + run.stderr }
}

/** A small house of its own, so that nothing forbidden is ever written into this one. */
function plant(files: Record<string, string>): string {
  const tree = fs.mkdtempSync(path.join(scratch, 'tree-'))
  fs.copyFileSync(path.join(root, 'tsconfig.json'), path.join(tree, 'tsconfig.json'))
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(tree, name)), { recursive: true })
    fs.writeFileSync(path.join(tree, name), text)
  }
  return tree
}

test('every import goes in an allowed direction', () => {
  const folders = [
    'contract',
    'platform',
    'runtime',
    'postgres',
    'sdk',
    'conformance',
    'cli',
    'nav',
    'providers',
    'web',
  ]
  const { code, said } = cruise(root, folders)
  expect(said).toMatch(/no dependency violations found \(\d{3,} modules/)
  expect(code).toBe(0)
}, 60_000)

const forbidden: [what: string, from: string, to: string, rule: string][] = [
  ['a room that imports a later one', 'platform/world/a.ts', 'platform/start/b.ts', 'room-world-looks-down'],
  ['a type from a later room', 'platform/db/a.ts', 'platform/apps/b.ts', 'room-db-looks-down'],
  [
    'the command line that knows the platform',
    'cli/a.ts',
    'platform/http/b.ts',
    'cli-knows-only-contract-certificates',
  ],
  ['the runtime that knows the platform', 'runtime/a.ts', 'platform/http/b.ts', 'runtime-knows-only-itself'],
  ['a room that picks a driver', 'platform/apps/a.ts', 'runtime/local/b.ts', 'the-platform-knows-no-driver'],
  ['a room without a place in the order', 'platform/newroom/a.ts', 'platform/world/b.ts', 'every-room-has-its-place'],
]

test('each kind of forbidden import would be found', () => {
  const files: Record<string, string> = {}
  for (const [, from, to] of forbidden) {
    const specifier = path.posix.relative(path.posix.dirname(from), to).replace(/[.]ts$/, '.js')
    files[from] =
      `import type { B } from '${specifier.startsWith('.') ? specifier : `./${specifier}`}'\nexport type A = B\n`
    files[to] = 'export type B = 1\n'
  }
  const { code, said } = cruise(plant(files), ['platform', 'cli', 'runtime'])
  for (const [what, from, to, rule] of forbidden) expect(said, what).toContain(`${rule}: ${from} → ${to}`)
  expect(code).not.toBe(0)
}, 60_000)

/** Files of the platform that hold SQL although their name does not say so. */
function sqlOutsideStores(tree: string): string[] {
  return fs
    .readdirSync(path.join(tree, 'platform'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/(^|\/)(dist|node_modules|db|[.]dist-[^/]*)\//.test(file))
    .filter((file) => !/store[.]ts$|[.]test[.]ts$|(^|\/)test-[^/]*$/.test(file))
    .filter((file) => /\bsql(<[^>]*>)?`/.test(fs.readFileSync(path.join(tree, 'platform', file), 'utf8')))
}

test('SQL is in files that are called a store', () => {
  expect(sqlOutsideStores(root)).toEqual([])
})

test('SQL in a route would be found', () => {
  const tree = plant({ 'platform/apps/routes.ts': 'export const rows = sql`select 1`\n' })
  expect(sqlOutsideStores(tree)).toEqual(['apps/routes.ts'])
})
