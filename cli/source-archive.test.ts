import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { list } from 'tar'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readIgnore } from './ignore.js'
import { withSourceArchive } from './source-archive.js'
import { sourceFiles } from './source-files.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-deploy-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

function write(...files: string[]) {
  for (const file of files) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true })
    writeFileSync(path.join(dir, file), file)
  }
}
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: dir })

it('outside git a folder is sent without what .gitignore names, node_modules and .git', async () => {
  write(
    'app.js',
    'lib/a.js',
    'lib/a.log',
    'lib/keep.log',
    'tmp/x',
    'node_modules/p/index.js',
    'lib/node_modules/q.js',
    '@odd',
  )
  writeFileSync(path.join(dir, '.gitignore'), '*.log\n/tmp/\n# comment\n')
  writeFileSync(path.join(dir, 'lib', '.gitignore'), '!keep.log\n')
  expect((await sourceFiles(dir)).files).toEqual([
    '.gitignore',
    '@odd',
    'app.js',
    'lib/.gitignore',
    'lib/a.js',
    'lib/keep.log',
  ])
})

it('in a checkout git decides: new files go along, ignored and deleted ones do not', async () => {
  git('init', '-q')
  write('app.js', 'gone.js', 'secret.env', 'ü.txt', 'node_modules/p/index.js')
  writeFileSync(path.join(dir, '.gitignore'), 'secret.env\n')
  git('add', 'app.js', 'gone.js')
  git('commit', '-qm', 'first')
  rmSync(path.join(dir, 'gone.js'))
  const { files, commit } = await sourceFiles(dir)
  expect(files).toEqual(['.gitignore', 'app.js', 'ü.txt'])
  expect(commit).toMatch(/^[0-9a-f]{12}-dirty$/)
  git('checkout', '-q', '--', '.')
  git('add', '.')
  git('commit', '-qm', 'second')
  expect((await sourceFiles(dir)).commit).toMatch(/^[0-9a-f]{12}$/)
})

it('a folder inside a checkout is sent by itself', async () => {
  git('init', '-q')
  write('outside.js', 'app/Procfile', 'app/lib/a.js')
  expect((await sourceFiles(path.join(dir, 'app'))).files).toEqual(['Procfile', 'lib/a.js'])
})

it('the archive holds the files under their own names, links as links, and is gone afterwards', async () => {
  write('@odd', 'lib/a.js')
  symlinkSync('/etc/passwd', path.join(dir, 'link'))
  const entries: string[] = []
  const packed = await withSourceArchive(dir, async (archive) => {
    expect(archive.checksum).toMatch(/^SHA256:[0-9a-f]{64}$/)
    await list({ file: archive.file, onReadEntry: (entry) => entries.push(`${entry.type} ${entry.path}`) })
    return archive
  })
  expect(entries.sort()).toEqual(['File ./@odd', 'File ./lib/a.js', 'SymbolicLink ./link'])
  expect(packed.fileCount).toBe(3)
  expect(existsSync(packed.file)).toBe(false)
})

it('nothing to send and no folder are said plainly', async () => {
  await expect(withSourceArchive(dir, async () => {})).rejects.toThrow(/nothing to deploy/)
  await expect(withSourceArchive(path.join(dir, 'no'), async () => {})).rejects.toThrow(/is no folder/)
})

it('.gitignore lines mean what git means by them', () => {
  const ignore = readIgnore('build\n/root\na/b\n**/deep\nlogs/**\n*.t?t\n!keep.txt\nfolder/\n\\!odd\n[ab].c\n')
  const ignored = (file: string, isFolder = false) => ignore(file, isFolder) ?? false
  expect(ignored('x/build')).toBe(true)
  expect(ignored('root')).toBe(true)
  expect(ignored('x/root')).toBe(false)
  expect(ignored('a/b')).toBe(true)
  expect(ignored('x/a/b')).toBe(false)
  expect(ignored('x/y/deep')).toBe(true)
  expect(ignored('logs/x/y')).toBe(true)
  expect(ignored('x/note.txt')).toBe(true)
  expect(ignored('x/keep.txt')).toBe(false)
  expect(ignored('folder')).toBe(false)
  expect(ignored('folder', true)).toBe(true)
  expect(ignored('!odd')).toBe(true)
  expect(ignored('a.c')).toBe(true)
  expect(ignored('c.c')).toBe(false)
})
