import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { ensureAccount } from './account.js'

const isRoot = process.getuid?.() === 0

test.runIf(isRoot)('an account that other software shares is refused', () => {
  for (const name of ['nobody', 'postgres', 'root']) {
    expect(() => ensureAccount(name)).toThrow('shared with other software')
  }
  expect(() => ensureAccount('-x; rm')).toThrow('not a name')
})

test.runIf(isRoot)('several processes that ask for a missing account at once all get the same one', async () => {
  const name = `mortise-test-${process.pid}`
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-account-'))
  try {
    const outfile = path.join(dir, 'account.mjs')
    const source = fileURLToPath(new URL('./account.ts', import.meta.url))
    await build({ entryPoints: [source], bundle: true, format: 'esm', platform: 'node', outfile })
    const script = `import { ensureAccount } from ${JSON.stringify(outfile)}; console.log(JSON.stringify(ensureAccount('${name}')))`
    const answers = await Promise.all([1, 2, 3].map(() => output(['--input-type=module', '-e', script])))
    expect(JSON.parse(answers[0]!).uid).toBeGreaterThan(0)
    expect(new Set(answers).size).toBe(1)
    expect(ensureAccount(name)).toEqual(JSON.parse(answers[0]!))
  } finally {
    spawnSync('userdel', [name])
    fs.rmSync(dir, { recursive: true, force: true })
  }
})

test.runIf(!isRoot)('without root there is no account to become', () => {
  expect(ensureAccount('mortise-postgres')).toBeNull()
})

async function output(args: string[]): Promise<string> {
  const node = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  node.stdout.on('data', (chunk) => (said += chunk))
  await once(node, 'close')
  return said
}
