import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { freePort } from '../test/server-process.js'

// The workflow of docs/guides/test-in-ci.md, as far as it goes without GitHub: its text is read as YAML, its checkouts are
// clones, and each `run` is a shell of its own, as GitHub starts it.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })
const root = fileURLToPath(new URL('..', import.meta.url))
let dir: string

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mortise-workflow-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

interface Step {
  uses?: string
  with?: Record<string, string | number>
  run?: string
}
interface Workflow {
  on: string
  jobs: Record<string, { 'runs-on': string; env: Record<string, string>; steps: Step[] }>
}

function workflowOf(guide: string): Workflow {
  const block = /```yaml\n([\s\S]*?)```/.exec(readFileSync(path.join(root, 'docs/guides', guide), 'utf8'))?.[1]
  return parse(block ?? '')
}

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd, encoding: 'utf8' })

/** What an author has: the project of `provider init`, committed. */
function committedProvider(): string {
  const mortise = path.join(root, 'bin/mortise')
  execFileSync(mortise, ['provider', 'init', 'fast-db', '--name', 'Fast DB'], { cwd: dir, stdio: 'pipe' })
  const project = path.join(dir, 'fast-db')
  git(project, 'init', '--quiet')
  git(project, 'add', '--all')
  git(project, 'commit', '--quiet', '--message', 'Begin')
  return project
}

/** This checkout without what was built in it. What is installed is linked: fetching it again would try the registry. */
function checkOutMortise(to: string) {
  const listed = git(root, 'ls-files', '--cached', '--others', '--exclude-standard', '-z').split('\0').filter(Boolean)
  for (const file of new Set(listed)) {
    mkdirSync(path.dirname(path.join(to, file)), { recursive: true })
    cpSync(path.join(root, file), path.join(to, file), { verbatimSymlinks: true, errorOnExist: false, force: true })
  }
  const installed = execFileSync('find', ['.', '-name', 'node_modules', '-prune'], { cwd: root, encoding: 'utf8' })
  for (const folder of installed.split('\n').filter((each) => each && !each.startsWith('./.mortise'))) {
    execFileSync('cp', ['-al', path.join(root, folder), path.join(to, folder)])
  }
}

/** One step's shell. GitHub: `bash -e FILE`; what it leaves in the background runs on until the job is over. */
function shell(
  script: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number | null; out: string }> {
  const file = path.join(dir, 'step.sh')
  writeFileSync(file, script)
  const child = spawn('bash', ['-e', file], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  groups.push(child.pid ?? 0)
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (out += part))
  return new Promise((done) => child.once('exit', (code) => done({ code, out })))
}

const groups: number[] = []
afterAll(() => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL')
    } catch {
      // It left nothing behind.
    }
  }
})

it('the workflow of "Test your add-on in CI" goes through on a fresh clone', async () => {
  const { on, jobs } = workflowOf('test-in-ci.md')
  expect(on).toBe('push')
  const job = jobs['inspect']
  expect(job?.['runs-on']).toBe('ubuntu-latest')
  const project = committedProvider()
  const workspace = path.join(dir, 'workspace')
  // The guide says 4567, which may be taken here.
  const port = String(await freePort())
  const onThisPort = (text: string) => text.replaceAll('4567', port)
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    PORT: port,
    npm_config_cache: process.env['npm_config_cache'] ?? path.join(process.env['HOME'] ?? '', '.npm'),
    npm_config_prefer_offline: 'true',
    MORTISE_PATIENCE: '0.1',
  }
  for (const [name, value] of Object.entries(job?.env ?? {})) {
    env[name] = value.replaceAll(/\$\{\{ *github\.workspace *\}\}/g, workspace)
  }

  const done: string[] = []
  for (const step of job?.steps ?? []) {
    if (step.run) {
      const { code, out } = await shell(onThisPort(step.run), workspace, env)
      expect(code, `${step.run}\n${out}`).toBe(0)
      if (step.run.includes('manifest:generate')) {
        const file = path.join(workspace, 'addon-manifest.json')
        writeFileSync(file, onThisPort(readFileSync(file, 'utf8')))
      }
      done.push('run')
    } else if (step.uses?.startsWith('actions/checkout@')) {
      if (step.with) checkOutMortise(path.join(workspace, String(step.with['path'])))
      else git(dir, 'clone', '--quiet', project, workspace)
      done.push('checkout')
    } else {
      expect(step.uses).toMatch(/^actions\/setup-node@/)
      const { engines } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
      expect(Number(step.with?.['node-version'])).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)?.[0]))
      done.push('node')
    }
  }
  expect(done).toEqual(['checkout', 'checkout', 'node', 'run', 'run', 'run'])
  expect(readFileSync(path.join(workspace, 'inspection.xml'), 'utf8')).toMatch(/<testsuites[\s\S]*failures="0"/)
})
