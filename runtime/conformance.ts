import fs from 'node:fs/promises'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Driver, DynoSpec, ReleaseSpec, WebTarget } from './driver.js'
import { answeringApp, archiveOf } from './fixtures/slug.js'
import type { Logs } from './logs/logs.js'

/** A driver under test, which must restart crashed dynos within about 100 ms so that the suite is quick. */
export interface Subject {
  driver: Driver
  logs: Logs
}

/** What every driver promises, as one suite. Call it at the top of a driver's test file. */
export function driverPromises(name: string, makeDriver: () => Promise<Subject>): void {
  describe(`${name} keeps the driver's promises`, () => {
    let dir: string
    let subject: Subject
    let slug: ReleaseSpec['slug']
    let apps = 0

    beforeAll(async () => {
      dir = await fs.mkdtemp(path.join(os.tmpdir(), 'mortise-driver-'))
      slug = { id: 'slug', file: await archiveOf(dir, { 'web.js': answeringApp, 'note.txt': 'from the slug' }) }
      subject = await makeDriver()
    })
    afterAll(async () => {
      await subject.driver.stop()
      await fs.rm(dir, { recursive: true, force: true })
    })

    const web = (quantity = 1, command = 'node web.js'): DynoSpec => ({ type: 'web', command, quantity, size: 'basic' })
    const worker = (quantity = 1, command = 'echo "working on $VERSION"; sleep 300'): DynoSpec => ({
      type: 'worker',
      command,
      quantity,
      size: 'basic',
    })
    const newApp = () => {
      const app = { id: `app-${++apps}-${process.pid}`, name: `example-${apps}` }
      return (version: number, formation: DynoSpec[], config: Record<string, string> = {}): ReleaseSpec => ({
        app,
        version,
        slug,
        config: { VERSION: `${version}`, ...config },
        formation,
      })
    }
    const texts = (spec: ReleaseSpec, dyno?: string) =>
      subject.logs.recent(spec.app.id, { dyno }, 1000).map((line) => line.text)
    const states = (spec: ReleaseSpec) =>
      Object.fromEntries(subject.driver.list(spec.app.id).map((dyno) => [dyno.name, dyno.state]))
    const ask = (spec: ReleaseSpec, url = '/') => askTarget(subject.driver.webTargets(spec.app.id)[0], url)

    test('a roll ends with web and worker up, and the web dyno answering with the config it was given', async () => {
      const spec = newApp()(1, [web(), worker()], { GREETING: 'good day; $(id)' })
      expect(await subject.driver.roll(spec)).toEqual({ outcome: 'rolled' })
      expect(states(spec)).toEqual({ 'web.1': 'up', 'worker.1': 'up' })
      const { env } = await ask(spec)
      expect(env).toMatchObject({ VERSION: '1', GREETING: 'good day; $(id)', DYNO: 'web.1' })
      await until(() => texts(spec, 'worker').includes('working on 1'))
    })

    test('a roll replaces every dyno of the old release', async () => {
      const release = newApp()
      await subject.driver.roll(release(1, [web(2), worker()]))
      const before = subject.driver.list(release(1, []).app.id).map((dyno) => dyno.id)
      await subject.driver.roll(release(2, [web(1), worker()]))
      const after = subject.driver.list(release(2, []).app.id)
      expect(after.map(({ name, version }) => `${name} v${version}`)).toEqual(['web.1 v2', 'worker.1 v2'])
      expect(after.some((dyno) => before.includes(dyno.id))).toBe(false)
    })

    test('no request fails while a release is rolled out, not even a slow one', async () => {
      const release = newApp()
      const spec = release(1, [web()])
      await subject.driver.roll(spec)
      const seen = new Set<string>()
      let isRolling = true
      const hammer = async (url: string) => {
        let requests = 0
        for (; isRolling || requests === 0; requests++) seen.add((await ask(spec, url)).version)
        return requests
      }
      const hammers = [hammer('/'), hammer('/slow')]
      await sleep(100)
      for (const version of [2, 3])
        expect(await subject.driver.roll(release(version, [web()]))).toEqual({ outcome: 'rolled' })
      seen.add((await ask(spec)).version)
      isRolling = false
      for (const requests of await Promise.all(hammers)) expect(requests).toBeGreaterThan(0)
      expect([...seen].sort()).toEqual(['1', '2', '3'])
    })

    test('a release whose web process dies leaves the old dynos serving and nothing of its own', async () => {
      const release = newApp()
      await subject.driver.roll(release(1, [web(), worker()]))
      const outcome = await subject.driver.roll(release(2, [web(1, 'echo "no database" >&2; exit 7'), worker()]))
      expect(outcome).toEqual({ outcome: 'failed', message: expect.stringContaining('web.1 exited with status 7') })
      expect(
        subject.driver.list(release(2, []).app.id).map(({ name, version, state }) => `${name} v${version} ${state}`),
      ).toEqual(['web.1 v1 up', 'worker.1 v1 up'])
      expect((await ask(release(1, []))).version).toBe('1')
      expect(texts(release(1, []))).toContain('no database')
    })

    test('a release whose web process never listens fails after the time it was given', async () => {
      const release = newApp()
      await subject.driver.roll(release(1, [web()]))
      const outcome = await subject.driver.roll(release(2, [web(1, 'sleep 60')]), { healthMs: 300 })
      expect(outcome).toMatchObject({ outcome: 'failed', message: expect.stringContaining('failed to bind to $PORT') })
      expect((await ask(release(1, []))).version).toBe('1')
      expect(subject.driver.list(release(2, []).app.id)).toHaveLength(1)
    })

    test('scaling starts what is missing, ends what is too much, and leaves the others alone', async () => {
      const release = newApp()
      await subject.driver.roll(release(1, [web()]))
      const pid = (await ask(release(1, []))).pid
      await subject.driver.scale(release(1, [web(2), worker()]))
      expect(states(release(1, []))).toEqual({ 'web.1': 'up', 'web.2': 'up', 'worker.1': 'up' })
      await subject.driver.scale(release(1, [web(1), worker(0)]))
      expect(states(release(1, []))).toEqual({ 'web.1': 'up' })
      expect((await ask(release(1, []))).pid).toBe(pid)
      await subject.driver.scale(release(1, [web(0)]))
      expect(subject.driver.webTargets(release(1, []).app.id)).toEqual([])
    })

    test('a crashed dyno comes back on its own release', async () => {
      const release = newApp()
      const spec = release(4, [web()])
      await subject.driver.roll(spec)
      const changes: string[] = []
      const stopHearing = subject.driver.onChange((dyno) => dyno.appId === spec.app.id && changes.push(dyno.state))
      await ask(spec, '/crash').catch(() => undefined)
      await until(() => changes.includes('up'))
      stopHearing()
      expect(changes.filter((state, index) => state !== changes[index - 1])).toEqual(['crashed', 'starting', 'up'])
      expect((await ask(spec)).version).toBe('4')
      expect(texts(spec)).toEqual(
        expect.arrayContaining(['Process exited with status 3', 'State changed from up to crashed']),
      )
    })

    test('restarting replaces the chosen dyno only', async () => {
      const release = newApp()
      await subject.driver.roll(release(1, [web(), worker()]))
      const idOf = (name: string) => subject.driver.list(release(1, []).app.id).find((dyno) => dyno.name === name)?.id
      const [web1, worker1] = [idOf('web.1'), idOf('worker.1')]
      expect(await subject.driver.restart(release(1, []).app.id, { name: 'web.1' })).toBe(1)
      expect(idOf('web.1')).not.toBe(web1)
      expect(idOf('worker.1')).toBe(worker1)
      expect(await subject.driver.restart(release(1, []).app.id)).toBe(2)
      expect(await subject.driver.restart('nobody')).toBe(0)
    })

    test('a stopped dyno stays down until it is restarted', async () => {
      const release = newApp()
      const { id } = release(1, []).app
      await subject.driver.roll(release(1, [web()]))
      expect(await subject.driver.stopDyno(id, { type: 'web' })).toBe(1)
      expect(states(release(1, []))).toEqual({ 'web.1': 'down' })
      expect(subject.driver.webTargets(id)).toEqual([])
      expect(await subject.driver.restart(id, { name: 'web.1' })).toBe(1)
      expect((await ask(release(1, []))).version).toBe('1')
    })

    test('a one-off runs beside the formation with the config, and its exit status comes back', async () => {
      const spec = newApp()(3, [])
      const oneOff = await subject.driver.run(spec, 'cat note.txt; echo "v$VERSION $EXTRA"; exit 5', {
        name: 'release.3',
        env: { EXTRA: 'and more' },
      })
      expect(await oneOff.exited).toEqual({ code: 5, signal: null })
      expect(texts(spec, 'release.3')).toEqual(
        expect.arrayContaining(['from the slugv3 and more', 'Process exited with status 5']),
      )
      expect(subject.driver.list(spec.app.id)).toEqual([])
    })

    test('an attached one-off talks over its streams, and a time limit ends it', async () => {
      const spec = newApp()(1, [])
      const talk = await subject.driver.run(spec, 'read line; echo "heard $line"', { attach: true })
      talk.stdin?.end('hello\n')
      let heard = ''
      for await (const chunk of talk.output ?? []) heard += chunk
      expect(heard).toBe('heard hello\n')
      const endless = await subject.driver.run(spec, 'sleep 300', { timeoutMs: 100 })
      expect(endless.name).toMatch(/^run\.\d{4}$/)
      expect(await endless.exited).toEqual({ code: null, signal: 'SIGTERM' })
    })

    test('an attached one-off can have a terminal, which knows its size and hangs up with its reader', async () => {
      const spec = newApp()(1, [])
      const talk = await subject.driver.run(spec, 'tty >/dev/null && stty size; read line; stty size; exit 4', {
        attach: true,
        type: 'console',
        terminal: { columns: 120, rows: 40 },
        env: { TERM: 'dumb' },
      })
      expect(talk.name).toMatch(/^console\.\d{4}$/)
      let heard = ''
      talk.output?.on('data', (chunk) => (heard += chunk))
      await until(() => heard.includes('40 120'))
      talk.resize?.({ columns: 90, rows: 30 })
      talk.stdin?.write('go on\n')
      expect(await talk.exited).toEqual({ code: 4, signal: null })
      await until(() => heard.includes('30 90'))
      const shell = await subject.driver.run(spec, 'bash -i', { attach: true, terminal: { columns: 80, rows: 24 } })
      shell.output?.resume()
      await shell.stop()
      expect(subject.driver.list(spec.app.id)).toEqual([])
    })

    test('removing an app ends its dynos and one-offs, also in the middle of a roll, and may be repeated', async () => {
      const spec = newApp()(1, [web(1, 'sleep 300'), worker()])
      const roll = subject.driver.roll(spec)
      const oneOff = await subject.driver.run(spec, 'sleep 300')
      await until(() => subject.driver.list(spec.app.id).some((dyno) => dyno.state === 'up'))
      await subject.driver.remove(spec.app.id)
      await subject.driver.remove(spec.app.id)
      expect(await roll).toMatchObject({ outcome: 'failed' })
      await oneOff.exited
      expect(subject.driver.list(spec.app.id)).toEqual([])
    })

    test('two rolls at once come one after the other, and the later one serves', async () => {
      const release = newApp()
      const outcomes = await Promise.all([
        subject.driver.roll(release(1, [web()])),
        subject.driver.roll(release(2, [web()])),
      ])
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['rolled', 'rolled'])
      expect(subject.driver.list(release(2, []).app.id).map(({ version }) => version)).toEqual([2])
      expect((await ask(release(2, []))).version).toBe('2')
    })
  })
}

interface Answer {
  version: string
  pid: number
  env: Record<string, string>
}

/** One request on a connection of its own, which tells the driver when it begins and ends as a router does. */
function askTarget(target: WebTarget | undefined, url: string): Promise<Answer> {
  if (!target) return Promise.reject(new Error('No web dyno is up.'))
  const over = target.begin?.()
  return new Promise<Answer>((resolve, reject) => {
    const request = http.get(
      { host: target.host, port: target.port, path: url, agent: false, timeout: 5_000 },
      (response) => {
        let body = ''
        response.on('data', (chunk) => (body += chunk))
        response.on('end', () => resolve(JSON.parse(body)))
        response.on('error', reject)
      },
    )
    request.on('error', reject)
    request.on('timeout', () => request.destroy(new Error('No answer within 5 s.')))
  }).finally(() => over?.())
}

/** Waits for something that must become true soon. */
export async function until(isTrue: () => boolean, limitMs = 5_000): Promise<void> {
  for (const end = Date.now() + limitMs; !isTrue(); await sleep(10)) {
    if (Date.now() > end) throw new Error('It did not become true in time.')
  }
}
