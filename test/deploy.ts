import fs from 'node:fs'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { archiveOf } from '../runtime/fixtures/slug.js'
import { type Answer, ask } from './server-process.js'

/** Deploys files (path → text) as a person would: source, upload, build, release. @throws when it did not come out well */
export async function deploy(
  port: number,
  headers: Record<string, string>,
  app: string,
  scratch: string,
  files: Record<string, string>,
): Promise<void> {
  const archive = await archiveOf(scratch, files)
  const { body: source } = await ask(port, 'POST', '/sources', { headers })
  await put(source.source_blob.put_url, fs.readFileSync(archive))
  const blob = { source_blob: { url: source.source_blob.get_url } }
  const { body: build } = await ask(port, 'POST', `/apps/${app}/builds`, { headers, body: blob })
  const built = await until(120, async () => {
    const seen = (await ask(port, 'GET', `/apps/${app}/builds/${build.id}`, { headers })).body
    return seen.status !== 'pending' && seen
  })
  if (built.status !== 'succeeded') throw new Error(`the build failed: ${JSON.stringify(built)}`)
  await released(port, headers, app)
}

/** Waits until the newest release is out and every dyno runs it. */
export async function released(port: number, headers: Record<string, string>, app: string): Promise<void> {
  await until(120, async () => {
    const { body: releases } = await ask(port, 'GET', `/apps/${app}/releases`, { headers })
    const newest = releases.at(-1)
    if (newest.status === 'failed') throw new Error(`v${newest.version} failed: ${newest.description}`)
    const dynos = await dynosOf(port, headers, app)
    const isOut = dynos.every((dyno) => dyno.state === 'up' && dyno.release.version === newest.version)
    return newest.status === 'succeeded' && dynos.length > 0 && isOut
  })
}

export async function dynosOf(
  port: number,
  headers: Record<string, string>,
  app: string,
): Promise<{ id: string; name: string; state: string; release: { version: number } }[]> {
  return (await ask(port, 'GET', `/apps/${app}/dynos`, { headers })).body
}

/** An app's page through the router. */
export function visit(port: number, app: string, address = '/'): Promise<Answer> {
  return ask(port, 'GET', address, { headers: { host: `${app}.localhost:${port}` } })
}

/** Looks again and again until there is something. @throws when time is up */
export async function until<T>(seconds: number, look: () => Promise<T | false | undefined>): Promise<T> {
  for (const end = Date.now() + seconds * 1_000; ; await sleep(100)) {
    const found = await look()
    if (found !== false && found !== undefined) return found
    if (Date.now() > end) throw new Error(`it did not come true within ${seconds} s: ${look}`)
  }
}

function put(address: string, content: Buffer): Promise<void> {
  return new Promise((done, failed) => {
    const options = { method: 'PUT', headers: { 'content-length': content.length }, agent: false }
    const url = new URL(address)
    // Node knows no *.localhost, and localhost itself may be ::1 alone.
    url.hostname = url.hostname === 'localhost' ? '127.0.0.1' : url.hostname
    const sent = http.request(url, options, (answer) => {
      answer.resume().on('end', () => {
        if ((answer.statusCode ?? 500) < 300) done()
        else failed(new Error(`the upload was answered ${answer.statusCode}`))
      })
    })
    sent.on('error', failed)
    sent.end(content)
  })
}
