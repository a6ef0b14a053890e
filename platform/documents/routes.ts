import { readFileSync } from 'node:fs'
import { hyperSchema } from '@mortise/contract/documents/hyper-schema'
import { openApi } from '@mortise/contract/documents/openapi'
import { documentRoutes as declared } from '@mortise/contract/platform-api/documents'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Handler, handle } from '../http/handle.js'
import { apiPage, pageAddress } from './page.js'

export interface DocumentDeps {
  /** Scheme, host and port of the platform, as people call it. */
  origin: string
  version: string
}

/** The API's own documents. They are made from the route table once, and never differ from what the server does. */
export function documentRoutes({ origin, version }: DocumentDeps): Handler[] {
  const schema = once(hyperSchema)
  const open = once(() => openApi(origin, version))
  return [
    handle(declared.schema, async ({ header }) => {
      header('Cache-Control', 'public, max-age=300')
      return schema()
    }),
    handle(declared.openApi, async ({ header }) => {
      header('Cache-Control', 'public, max-age=300')
      return open()
    }),
  ]
}

// Nothing from elsewhere, nothing inline, and nothing to send anywhere.
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The same for people, under /docs/api. */
export function documentPages({ origin, version }: DocumentDeps): (server: FastifyInstance) => void {
  const file = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
  const page = once(() => apiPage({ origin, version }))
  return (server) => {
    server.get('/docs', async (_, reply) => reply.redirect(pageAddress, 302))
    server.get(pageAddress, async (_, reply) => {
      reply.header('Content-Security-Policy', policy).header('Referrer-Policy', 'no-referrer')
      reply.header('X-Frame-Options', 'DENY').header('Cross-Origin-Opener-Policy', 'same-origin')
      return asset(reply, 'text/html', page())
    })
    for (const [name, type] of [
      ['api.css', 'text/css'],
      ['api.js', 'text/javascript'],
    ] as const) {
      const text = file(name)
      server.get(`${pageAddress}/${name}`, async (_, reply) => asset(reply, type, text))
    }
  }
}

function asset(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply.type(`${type}; charset=utf-8`).header('Cache-Control', 'no-cache').send(text)
}

/** Made when first asked for: a start should not wait for it. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
