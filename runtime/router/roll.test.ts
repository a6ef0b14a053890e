import { once } from 'node:events'
import fs from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { ReleaseSpec } from '../driver.js'
import { archiveOf } from '../fixtures/slug.js'
import { localDriver } from '../local/driver.js'
import { createLogs } from '../logs/logs.js'
import { createRouter } from './router.js'

// It dies at once on SIGTERM and takes its time to answer: the worst app for a roll.
const app = `
require('http').createServer((req, res) => {
  req.resume().on('end', () => setTimeout(() => res.end(process.env.VERSION), req.url === '/slow' ? 300 : 1))
}).listen(process.env.PORT)
`

test('no visitor sees an error while releases are rolled out', async () => {
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'mortise-roll-'))
  const logs = createLogs()
  const driver = await localDriver({ dir: path.join(dir, 'dynos'), logs, termMs: 2_000 })
  const router = createRouter({ targets: driver.webTargets, logs })
  const server = http.createServer((req, res) => router.handle('app', req, res)).listen(0, '127.0.0.1')
  const agent = new http.Agent({ keepAlive: true })
  try {
    const file = await archiveOf(dir, { 'web.js': app })
    const release = (version: number): ReleaseSpec => ({
      app: { id: 'app', name: 'example' },
      version,
      slug: { id: 'slug', file },
      config: { VERSION: `${version}` },
      formation: [{ type: 'web', command: 'node web.js', quantity: 2, size: 'basic' }],
    })
    await driver.roll(release(1))
    const { port } = server.address() as AddressInfo
    const answers = new Map<string, number>()
    let isRolling = true
    const visit = async (method: string, url: string) => {
      while (isRolling) {
        const request = http
          .request({ host: '127.0.0.1', port, method, path: url, agent })
          .end(method === 'POST' ? 'a body' : undefined)
        const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
        let body = ''
        for await (const chunk of answer) body += chunk
        const seen = `${answer.statusCode} ${body}`
        answers.set(seen, (answers.get(seen) ?? 0) + 1)
      }
    }
    const visitors = [visit('GET', '/'), visit('POST', '/'), visit('GET', '/slow')]
    for (const version of [2, 3, 4]) expect(await driver.roll(release(version))).toEqual({ outcome: 'rolled' })
    isRolling = false
    await Promise.all(visitors)
    expect([...answers.keys()].filter((seen) => !seen.startsWith('200 '))).toEqual([])
    expect(answers.size).toBeGreaterThanOrEqual(3)
  } finally {
    agent.destroy()
    router.close()
    server.close().closeAllConnections()
    await driver.stop()
    await fs.rm(dir, { recursive: true, force: true })
  }
})
