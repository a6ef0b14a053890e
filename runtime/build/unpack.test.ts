import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Header, type HeaderData, Pax } from 'tar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { archiveOf } from '../fixtures/slug.js'
import { SourceRefused, type UnpackLimits, unpackSource } from './unpack.js'

let dir: string
beforeAll(async () => {
  dir = await fs.mkdtemp(path.join(os.tmpdir(), 'mortise-unpack-'))
})
afterAll(() => fs.rm(dir, { recursive: true, force: true }))

/** An archive written by hand: tools refuse to make the ones that matter here. */
async function handmade(...entries: HeaderData[]): Promise<string> {
  const blocks: Buffer[] = []
  for (const entry of entries) {
    const body = Buffer.from('x'.repeat(entry.size ?? 0))
    const header = new Header({ mode: 0o644, type: 'File', size: 0, ...entry })
    header.encode()
    blocks.push(header.block!, body, Buffer.alloc((512 - (body.length % 512)) % 512))
  }
  const file = path.join(dir, `${Math.random()}.tar`)
  await fs.writeFile(file, Buffer.concat([...blocks, Buffer.alloc(1024)]))
  return file
}

async function unpack(file: string, limits?: UnpackLimits): Promise<string[]> {
  const into = await fs.mkdtemp(path.join(dir, 'into-'))
  try {
    await unpackSource(file, into, limits)
  } catch (error) {
    // Whatever was refused, nothing may lie beside the folder.
    expect(await fs.readdir(dir)).not.toContain('escaped')
    throw error
  }
  return ((await fs.readdir(into, { recursive: true })) as string[]).sort()
}

test('an archive unpacks as it is', async () => {
  expect(await unpack(await archiveOf(dir, { Procfile: 'web: x', 'src/a.js': '' }))).toEqual([
    'Procfile',
    'src',
    'src/a.js',
  ])
})

test('the one folder around a GitHub archive is taken off, known by the commit in its header or by what it holds', async () => {
  const pax = new Pax({ comment: 'a'.repeat(40) }, true).encode()
  const file = path.join(dir, 'github.tar')
  const rest = await fs.readFile(
    await handmade({ path: 'app-main/', type: 'Directory' }, { path: 'app-main/only/deep.js', size: 3 }),
  )
  await fs.writeFile(file, Buffer.concat([pax, rest]))
  expect(await unpack(file)).toEqual(['only', 'only/deep.js'])
  expect(
    await unpack(await archiveOf(dir, { 'package.json': '{}', 'lib/a.js': '' }, { prefix: 'example-1.0' })),
  ).toEqual(['lib', 'lib/a.js', 'package.json'])
})

test('a single folder that belongs to the app stays', async () => {
  expect(await unpack(await archiveOf(dir, { 'index.html': '' }, { prefix: 'public' }))).toEqual([
    'public',
    'public/index.html',
  ])
  expect(await unpack(await archiveOf(dir, { 'app/Procfile': '', README: '' }))).toEqual([
    'README',
    'app',
    'app/Procfile',
  ])
})

test.each<[string, HeaderData[]]>([
  ['a name that climbs out', [{ path: '../escaped', size: 1 }]],
  ['a name that climbs out in its middle', [{ path: 'a/../../escaped', size: 1 }]],
  ['an absolute name', [{ path: '/tmp/escaped', size: 1 }]],
  [
    'an absolute link',
    [
      { path: 'a', type: 'SymbolicLink', linkpath: '/etc/passwd' },
      { path: 'b', size: 1 },
    ],
  ],
  [
    'a link that climbs out',
    [
      { path: 'a/b', type: 'SymbolicLink', linkpath: '../../x' },
      { path: 'b', size: 1 },
    ],
  ],
  [
    'a hard link that climbs out',
    [
      { path: 'a', type: 'Link', linkpath: '../x' },
      { path: 'b', size: 1 },
    ],
  ],
  [
    'a file written through a link',
    [
      { path: 'a', type: 'SymbolicLink', linkpath: '.' },
      { path: 'a/b', size: 1 },
    ],
  ],
  [
    'a device',
    [
      { path: 'a', type: 'CharacterDevice' },
      { path: 'b', size: 1 },
    ],
  ],
  [
    'a pipe',
    [
      { path: 'a', type: 'FIFO' },
      { path: 'b', size: 1 },
    ],
  ],
  [
    'a chain of links that together lead out',
    [
      { path: 'p/q/', type: 'Directory', mode: 0o755 },
      { path: 'p/q/s', type: 'SymbolicLink', linkpath: '../..' },
      { path: 'l', type: 'SymbolicLink', linkpath: 'p/q/s/../../..' },
      { path: 'b', size: 1 },
    ],
  ],
])('refused, with nothing written outside: %s', async (_what, entries) => {
  await expect(unpack(await handmade(...entries))).rejects.toBeInstanceOf(SourceRefused)
})

test('a link that stays inside is kept', async () => {
  const file = await handmade({ path: 'a/b', size: 1 }, { path: 'c', type: 'SymbolicLink', linkpath: 'a/b' })
  expect(await unpack(file)).toEqual(['a', 'a/b', 'c'])
})

test('too many bytes, too many entries and too large an archive are refused', async () => {
  const file = await archiveOf(dir, { a: 'x'.repeat(5000), b: '', c: '' })
  await expect(unpack(file, { unpackedBytes: 4000 })).rejects.toThrow('unpacks to more than 1 MB')
  await expect(unpack(file, { entries: 2 })).rejects.toThrow('more than 2 entries')
  await expect(unpack(file, { sourceBytes: 10 })).rejects.toThrow('the limit is 1 MB')
})

test('what is no archive, cut short or empty is refused in a sentence', async () => {
  const whole = await fs.readFile(await archiveOf(dir, { a: 'x'.repeat(50_000) + Math.random() }))
  const file = path.join(dir, 'broken')
  for (const bytes of [
    Buffer.from('<html>not found</html>'.repeat(100)),
    whole.subarray(0, whole.length / 2),
    Buffer.alloc(0),
    Buffer.alloc(1024),
  ]) {
    await fs.writeFile(file, bytes)
    await expect(unpack(file)).rejects.toBeInstanceOf(SourceRefused)
  }
})
