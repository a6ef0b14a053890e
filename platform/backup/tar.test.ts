import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { BrokenArchive, tarEnd, tarEntries, tarHeader, tarPadding } from './tar.js'

const scratch = mkdtempSync(join(tmpdir(), 'mortise-tar-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const at = new Date('2026-01-02T03:04:05Z')

const files: [string, Buffer][] = [
  ['a.json', Buffer.from('{}')],
  ['b/empty', Buffer.alloc(0)],
  ['b/block', Buffer.alloc(512, 7)],
  ['b/odd', Buffer.alloc(1300, 9)],
]
const whole = Buffer.concat([
  ...files.flatMap(([name, content]) => [tarHeader(name, content.length, at), content, tarPadding(content.length)]),
  tarEnd(),
])

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function read(bytes: Buffer, size: number, skip: string[] = []): Promise<[string, Buffer][]> {
  const found: [string, Buffer][] = []
  for await (const entry of tarEntries(inPieces(bytes, size))) {
    if (skip.includes(entry.name)) continue
    const parts: Buffer[] = []
    for await (const part of entry.read()) parts.push(Buffer.from(part))
    found.push([entry.name, Buffer.concat(parts)])
  }
  return found
}

test('what was written is read, in whatever pieces it comes, and what is not wanted is passed over', async () => {
  for (const size of [1, 100, 512, 1000, 1 << 20]) expect(await read(whole, size)).toEqual(files)
  expect(await read(whole, 333, ['b/block'])).toEqual(files.filter(([name]) => name !== 'b/block'))
})

test("the system's own tar reads it as well", () => {
  const file = join(scratch, 'whole.tar')
  writeFileSync(file, whole)
  const out = spawnSync('tar', ['-xf', file, '-C', scratch], { encoding: 'utf8' })
  expect([out.status, out.stderr]).toEqual([0, ''])
  expect(readFileSync(join(scratch, 'b/odd'))).toEqual(files[3]?.[1])
})

test('one that was cut short or changed is told, never guessed at', async () => {
  for (const length of [10, 512, 700, 1536, 2000]) {
    await expect(read(whole.subarray(0, length), 512)).rejects.toThrow(BrokenArchive)
  }
  const bent = Buffer.from(whole)
  bent[0] = 120
  await expect(read(bent, 512)).rejects.toThrow('a header does not match its sum')
})
