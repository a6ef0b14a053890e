import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Manifest } from '@mortise/contract/manifest/manifest'
import { createFakeAddon, type FakeAddon } from './fake-addon.js'
import { answerCall, type Call } from './fake-routes.js'

/** The platform that a provider under inspection calls back: tokens, config, actions and App Info, on this machine. */
export interface FakePlatform {
  /** What the provider is told: its callback_url begins so. */
  url: string
  /** Everything it was asked, in order. */
  calls: Call[]
  /** Makes an add-on known, before the provider is asked for it: what it calls back with is good from then on. */
  expect(addon: Pick<FakeAddon, 'uuid' | 'herokuId' | 'name' | 'plan' | 'region'>): FakeAddon
  addons(): FakeAddon[]
  /** Waits until it is so; asked again after each call. @returns whether it became so within `ms` */
  waitUntil(isSo: () => boolean, ms: number): Promise<boolean>
  close(): Promise<void>
}

export interface FakePlatformOptions {
  manifest: Manifest
  /** 0 takes a free one. */
  port: number
  /** What the provider is told instead of the loopback address, when it is elsewhere. */
  publicUrl?: string | undefined
  /** The OAuth secret that token requests must carry; without it any will do. */
  clientSecret?: string | undefined
  now(): number
}

/** Bytes of a call's body. */
const bodyBytesMax = 1024 * 1024

/** @throws Error with code EADDRINUSE when the port is taken */
export async function startFakePlatform(options: FakePlatformOptions): Promise<FakePlatform> {
  const addons = new Map<string, FakeAddon>()
  const calls: Call[] = []
  const waiting = new Set<() => void>()
  let url = ''

  const server = createServer(async (req: IncomingMessage, res: ServerResponse) => {
    try {
      const body = await bodyOf(req)
      const call = answerCall(req, body, { ...options, url, addons: [...addons.values()] })
      calls.push(call)
      const text = call.answer === undefined ? '' : JSON.stringify(call.answer)
      res.writeHead(call.status, { 'content-type': 'application/json', ...call.headers }).end(text)
    } catch {
      res.writeHead(400).end()
    }
    for (const wake of [...waiting]) wake()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  url = (options.publicUrl ?? `http://127.0.0.1:${port}`).replace(/\/+$/, '')

  return {
    url,
    calls,
    addons: () => [...addons.values()],
    expect(of) {
      const addon = createFakeAddon(of, options.now())
      addons.set(of.uuid, addon)
      return addon
    },
    waitUntil(isSo, ms) {
      if (isSo()) return Promise.resolve(true)
      return new Promise((resolve) => {
        const end = (result: boolean) => {
          clearTimeout(timer)
          waiting.delete(look)
          resolve(result)
        }
        const look = () => void (isSo() && end(true))
        const timer = setTimeout(() => end(isSo()), ms)
        waiting.add(look)
      })
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of req) {
    bytes += part.length
    if (bytes > bodyBytesMax) throw new Error('The body is too long.')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
