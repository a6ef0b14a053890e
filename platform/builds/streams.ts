import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { notFound, WireError } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { slugBytesMax } from '@mortise/runtime/build/slug'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Db } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import { sameSecret, tokenHash } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { outputContext, type Slug } from './build.js'
import { sendOutput } from './send-output.js'
import { findSlug } from './slug-store.js'
import { slugToken, takeSlug } from './slug-upload.js'
import { keepStream, type Source, SourceTooLarge, slugFile, sourceBytesMax, sourceFile } from './source.js'
import { findSource, isSourceInUse, markUploaded } from './source-store.js'
import { findBuild, readOutput } from './store.js'

export interface BuildStreamDeps {
  db: Db
  world: World
  secrets: Secrets
  /** Sources and slugs live below. */
  dir: string
}

/**
 * The raw streams beside the API: archives in and out, and a build's output as it is written. The address is the
 * secret, as it is with signed addresses elsewhere: no other sign-in is asked for.
 */
export function buildStreams(deps: BuildStreamDeps): (server: FastifyInstance) => Promise<void> {
  const { db, world, secrets, dir } = deps

  async function sourceOf(request: FastifyRequest): Promise<Source> {
    const { id } = request.params as { id: string }
    const source = isUuid(id) ? await findSource(db, id) : undefined
    if (!source?.hash.equals(tokenHash(tokenOf(request)))) throw notFound('source')
    return source
  }

  return async (server) => {
    await server.register(async (scope) => {
      // Archives are never parsed. Real clients send them with an empty type, which the server would refuse as none.
      scope.addHook('onRequest', async (request) => {
        request.headers['content-type'] = 'application/octet-stream'
      })
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))

      scope.put('/sources/:id/blob', async (request, reply) => {
        const source = await sourceOf(request)
        if (Number(request.headers['content-length'] ?? 0) > sourceBytesMax) throw tooLarge()
        if (await isSourceInUse(db, source.id)) {
          throw new WireError('conflict', 'A build was made from this source already. Create a new source.')
        }
        const body = (request.body as Readable | undefined) ?? request.raw
        try {
          const bytes = await keepStream(body, sourceFile(dir, source.id))
          await markUploaded(db, source.id, bytes, world.now())
        } catch (error) {
          if (error instanceof SourceTooLarge) throw tooLarge()
          if (request.raw.readableAborted)
            throw new WireError('bad_request', 'The upload broke off before its end. Send it again.')
          throw error
        }
        return reply.code(200).send('')
      })

      scope.get('/sources/:id/blob', async (request, reply) => {
        const source = await sourceOf(request)
        const file = sourceFile(dir, source.id)
        const found = await stat(file).catch(() => null)
        if (!found) throw notFound('source')
        return reply
          .type('application/gzip')
          .header('Content-Length', found.size)
          .header('Cache-Control', 'private, no-store')
          .send(createReadStream(file))
      })

      async function slugOf(request: FastifyRequest): Promise<Slug> {
        const { id } = request.params as { id: string }
        const slug = isUuid(id) ? await findSlug(db, id) : undefined
        if (!slug || !sameSecret(tokenOf(request), slugToken(secrets, id))) throw notFound('slug')
        return slug
      }

      scope.put('/slugs/:id/blob', async (request, reply) => {
        const slug = await slugOf(request)
        if (Number(request.headers['content-length'] ?? 0) > slugBytesMax) throw tooLargeSlug()
        try {
          await takeSlug(deps, slug, (request.body as Readable | undefined) ?? request.raw)
        } catch (error) {
          if (error instanceof SourceTooLarge) throw tooLargeSlug()
          if (request.raw.readableAborted) throw new WireError('bad_request', 'The upload broke off before its end.')
          throw error
        }
        return reply.code(200).send('')
      })

      scope.get('/slugs/:id/blob', async (request, reply) => {
        const slug = await slugOf(request)
        const found = await stat(slugFile(dir, slug.id)).catch(() => null)
        if (!found || slug.bytes === null) throw notFound('slug')
        return reply
          .type('application/gzip')
          .header('Content-Length', found.size)
          .header('Cache-Control', 'private, no-store')
          .send(createReadStream(slugFile(dir, slug.id)))
      })

      scope.get('/builds/:id/output', async (request, reply) => {
        const { id } = request.params as { id: string }
        const build = isUuid(id) ? await findBuild(db, id) : undefined
        if (!build || !sameSecret(tokenOf(request), secrets.open(build.sealed, outputContext(id)))) {
          throw notFound('build')
        }
        return sendOutput(world, request, reply, async (from) => {
          const part = await readOutput(db, id, from)
          return part && { ...part, isOver: part.status !== 'pending' }
        })
      })
    })
  }
}

function tokenOf(request: FastifyRequest): string {
  const { token } = request.query as { token?: string | string[] }
  return typeof token === 'string' ? token : ''
}

function tooLargeSlug(): WireError {
  const message = `A slug may have at most ${slugBytesMax / 1024 / 1024} MB.`
  return new WireError('request_too_large', message, {}, { Connection: 'close' })
}

function tooLarge(): WireError {
  const message = `A source archive may have at most ${sourceBytesMax / 1024 / 1024} MB. Leave out what the build does not need.`
  // Whoever sends on must not be read to the end first.
  return new WireError('request_too_large', message, {}, { Connection: 'close' })
}
