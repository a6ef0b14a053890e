import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from './deploy.js'
import { ask, endPrograms, freePort, type Program, startProgram } from './server-process.js'

// docs/operating/tls.md, followed line by line with a real nginx and a certificate that is made as the page says.
const root = path.dirname(import.meta.dirname)
const page = fs.readFileSync(path.join(root, 'docs/operating/tls.md'), 'utf8')
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'mortise-tls-'))
fs.chmodSync(scratch, 0o711)
const ssl = path.join(scratch, 'ssl')
const ca = path.join(ssl, 'fullchain.pem')
const apiKey = randomBytes(16).toString('hex')
const headers = { authorization: `Bearer ${apiKey}` }
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map((match) => match[1] ?? '')
const hasNginx = spawnSync('nginx', ['-v']).status === 0
let [port, secure, plain] = [0, 0, 0]
let url: string
let nginx: Program | undefined

/** The page's example places, put here. `localhost`, since no name server knows ours. */
const here = (text: string) =>
  text
    .replaceAll('/etc/ssl/mortise', ssl)
    .replaceAll('https://mortise.example.com', url)
    .replaceAll(/(?<!apps\.)mortise\.example\.com/g, 'localhost')
    .replaceAll('127.0.0.1:5055', `127.0.0.1:${port}`)
const commands = () => blocks('sh').flatMap((block) => here(block).trim().split('\n'))
const command = (start: string) => {
  const found = commands().find((line) => line.startsWith(start))
  if (!found) throw new Error(`the page has no command ${start}`)
  return found
}
const run = (line: string, env: Record<string, string> = {}) =>
  spawnSync('sh', ['-c', line.replace(/^mortise /, `${path.join(root, 'bin/mortise')} `)], {
    encoding: 'utf8',
    cwd: scratch,
    env: { PATH: process.env['PATH'], HOME: scratch, MORTISE_DATA_DIR: path.join(scratch, 'data'), ...env },
  })
const client = () => ({ MORTISE_HOST: url, MORTISE_API_KEY: apiKey, NODE_EXTRA_CA_CERTS: ca })

function visit(host: string, address: string, more: Record<string, string> = {}) {
  return new Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }>((done, failed) => {
    const asked = https.get(
      {
        host: '127.0.0.1',
        port: secure,
        path: address,
        servername: host,
        ca: fs.readFileSync(ca),
        headers: { host: `${host}:${secure}`, ...more },
      },
      (answer) => {
        let body = ''
        answer.setEncoding('utf8').on('data', (part) => (body += part))
        answer.on('end', () => done({ status: answer.statusCode ?? 0, body, headers: answer.headers }))
      },
    )
    asked.on('error', failed)
  })
}

describe.skipIf(!hasNginx)('behind nginx', () => {
  beforeAll(async () => {
    ;[port, secure, plain] = [await freePort(), await freePort(), await freePort()]
    url = `https://localhost:${secure}`
    for (const line of ['install', 'openssl']) expect(run(command(line)).status, line).toBe(0)

    const [conf = ''] = blocks('nginx')
    const site = here(conf)
      .replace('listen 443 ssl', `listen 127.0.0.1:${secure} ssl`)
      .replace('listen 80', `listen 127.0.0.1:${plain}`)
    const temps = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${scratch}/nginx-${name};`,
    )
    const whole = `daemon off; pid ${scratch}/nginx.pid; error_log ${scratch}/nginx.log; events {}
http { access_log off; ${temps.join(' ')} ${site} }`
    fs.writeFileSync(path.join(scratch, 'nginx.conf'), whole)
    const check = spawnSync('nginx', ['-t', '-c', path.join(scratch, 'nginx.conf')], { encoding: 'utf8' })
    expect(check.stderr).toContain('test is successful')
    nginx = await startProgram('sh', ['-c', `echo ready; exec nginx -c ${scratch}/nginx.conf`], {}, /^(ready)$/m)

    const words = command('mortise server').split(' ').slice(2)
    const args = [
      'server',
      '--port',
      String(port),
      '--data-dir',
      path.join(scratch, 'data'),
      '--apps-domain',
      'apps.mortise.example.com',
      ...words,
    ]
    const env = {
      HOME: scratch,
      MORTISE_API_KEY: apiKey,
      MORTISE_EMAIL: 'op@example.com',
      MORTISE_PASSWORD: 'correct horse battery',
    }
    await startProgram(path.join(root, 'bin/mortise'), args, env, /^Mortise is ready at (https:\S+)$/m)
    const web = `let n = 0
setInterval(() => console.log('tick ' + ++n), 500)
require('http').createServer((q, r) => r.end(JSON.stringify(q.headers))).listen(process.env.PORT)`
    await ask(port, 'POST', '/apps', { headers, body: { name: 'behind' } })
    const source = path.join(scratch, 'source')
    fs.mkdirSync(source)
    fs.writeFileSync(path.join(source, 'package.json'), '{"scripts":{"start":"node web.js"}}')
    fs.writeFileSync(path.join(source, 'web.js'), web)
    const deployed = run(`mortise deploy ${source} -a behind`, client())
    expect(deployed.status, deployed.stderr).toBe(0)
  }, 180_000)
  afterAll(async () => {
    // Killed, nginx would leave its workers behind.
    nginx?.kill('SIGTERM')
    await nginx?.exited
    await endPrograms()
    fs.rmSync(scratch, { recursive: true, force: true })
  })

  test('the server knows client, scheme and host, whatever a client claims', async () => {
    const claims = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=203.0.113.9',
    }
    const { body, headers } = await visit('localhost', '/caller', claims)
    expect(JSON.parse(body)).toEqual({
      address: '127.0.0.1',
      host: `localhost:${secure}`,
      proto: 'https',
      is_passed_on: true,
      is_trusted: true,
    })
    expect(headers['strict-transport-security']).toBe('max-age=31536000')
  })
  test('curl, as the page has it, says the same', () => {
    expect(JSON.parse(run(command('curl')).stdout)).toMatchObject({ proto: 'https', is_trusted: true })
  })
  test('the doctor finds the way in well', () => {
    const said = run(`${command('mortise doctor')} --json`)
    const found = JSON.parse(said.stdout) as { check: string; state: string }[]
    for (const check of ['public address', 'certificate', 'proxy headers', 'HSTS', 'port']) {
      expect(
        found.find((one) => one.check === check),
        check,
      ).toMatchObject({ state: 'ok' })
    }
    expect(said.status).toBe(0)
  })
  test('who comes by http is sent to https', async () => {
    const { status, headers } = await ask(plain, 'GET', '/dashboard', { headers: { host: 'localhost' } })
    expect([status, headers['location']]).toEqual([308, 'https://localhost/dashboard'])
  })
  test('a browser signs in, and its cookie is bound to this host and https', async () => {
    const body = JSON.stringify({ email: 'op@example.com', password: 'correct horse battery' })
    const answer = await new Promise<NodeJS.Dict<string | string[]>>((done, failed) => {
      const sent = https.request(
        {
          host: '127.0.0.1',
          port: secure,
          path: '/web/session',
          method: 'POST',
          servername: 'localhost',
          ca: fs.readFileSync(ca),
          headers: {
            host: `localhost:${secure}`,
            origin: url,
            'x-mortise-web': '1',
            'content-type': 'application/json',
            'content-length': body.length,
          },
        },
        (res) => done(res.resume().headers),
      )
      sent.on('error', failed)
      sent.end(body)
    })
    expect(String(answer['set-cookie'])).toMatch(/^__Host-mortise_session=.*; Secure$/)
  })
  test('an app is reached by its own name, and learns who asks', async () => {
    const { status, body } = await visit('behind.apps.mortise.example.com', '/', { 'x-forwarded-for': '203.0.113.9' })
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': String(secure),
    })
  })
  test('lines of a log arrive as they are written', async () => {
    const child = spawn(path.join(root, 'bin/mortise'), ['logs', '--tail', '-a', 'behind'], {
      env: { PATH: process.env['PATH'], HOME: scratch, ...client() },
    })
    let said = ''
    child.stdout.on('data', (part) => (said += part))
    try {
      const first = await until(20, async () => /tick (\d+)/.exec(said)?.[1])
      await until(10, async () => new RegExp(`tick ${Number(first) + 4}`).test(said))
    } finally {
      child.kill('SIGKILL')
    }
  })
  test('a command runs in a dyno of its own, and its output and exit code come back', () => {
    const ran = run('mortise run -a behind -- sh -c "echo from inside; exit 7"', client())
    expect(`${ran.stdout}${ran.stderr}`).toContain('from inside')
    expect(ran.status).toBe(7)
  })
  test('a source of more than a megabyte is taken', async () => {
    const source = path.join(scratch, 'large')
    fs.mkdirSync(source)
    fs.writeFileSync(path.join(source, 'package.json'), '{"scripts":{"start":"node web.js"}}')
    fs.writeFileSync(
      path.join(source, 'web.js'),
      `require('http').createServer((q, r) => r.end('large')).listen(process.env.PORT)`,
    )
    fs.writeFileSync(path.join(source, 'large.bin'), randomBytes(3_000_000))
    const deployed = run(`mortise deploy ${source} -a behind`, client())
    expect(deployed.status, deployed.stderr).toBe(0)
  }, 120_000)
})
