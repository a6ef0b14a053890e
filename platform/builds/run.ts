import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Builder } from '@mortise/runtime/build/build'
import type { Db } from '../db/db.js'
import type { Downloads } from '../http/outbound.js'
import { beat, type World } from '../world/world.js'
import { type Build, buildBeatMs, buildClaimsMax, type Slug } from './build.js'
import { fetchBuildpacks } from './fetch-buildpacks.js'
import { type OutputWriter, outputWriter } from './output.js'
import { keepStream, SourceTooLarge, slugFile, sourceFile, syncFile } from './source.js'
import { findSource, markUploaded } from './source-store.js'
import { buildpacksOf, giveBackBuild, renewBuild } from './store.js'

export interface RunDeps {
  db: Db
  world: World
  builder: Builder
  outbound: Downloads
  /** Sources and slugs live below. */
  dir: string
  /** Aborts when the platform stops: builds under way are given back. */
  stopping?: AbortSignal
}

export type RunOutcome =
  | { outcome: 'built'; slug: Slug }
  | { outcome: 'failed'; message: string }
  /** It is not ours any more: cancelled, taken over, or we are stopping. Nothing may be written about it. */
  | { outcome: 'lost' }

/** How long somebody's server may take to hand over an archive. */
const downloadMsMax = 5 * 60_000

/**
 * Runs a claimed build up to a slug on the disk; the caller writes down what came of it. Safe to repeat: the slug of
 * a build has the build's id, so a second run replaces the file of the first.
 * @throws on a fault of ours; the lease then runs out and another claim repeats the build
 */
export async function runBuild(deps: RunDeps, build: Build, config: Record<string, string>): Promise<RunOutcome> {
  const { db, stopping } = deps
  const lost = new AbortController()
  const output = outputWriter(deps, build.id, build.epoch)
  const stopBeat = beat(deps.world, buildBeatMs, async () => {
    // A database that can't be reached for a moment is no reason to give up; a lost lease is.
    if (!(await renewBuild(db, build.id, build.epoch))) lost.abort()
  })
  try {
    if (build.epoch > buildClaimsMax) {
      return { outcome: 'failed', message: 'The platform stopped each time it built this. Ask its operator why.' }
    }
    if (build.epoch > 1) output.write('-----> The platform was restarted; building again\n')
    const problem = await haveSource(deps, build, output)
    if (problem) {
      output.write(` !     ${problem}\n`)
      return { outcome: 'failed', message: problem }
    }
    const packs = await fetchBuildpacks(deps, build.buildpacks ?? (await buildpacksOf(db, build.appId)), output)
    if ('problem' in packs) {
      output.write(` !     ${packs.problem}\n`)
      return { outcome: 'failed', message: packs.problem }
    }
    const signal = stopping ? AbortSignal.any([lost.signal, stopping]) : lost.signal
    const built = await deps.builder.build({
      id: build.id,
      app: { id: build.appId, name: build.appName },
      sourceFile: sourceFile(deps.dir, build.sourceId),
      config,
      sourceVersion: build.sourceVersion ?? undefined,
      stack: build.stack,
      buildpacks: packs.buildpacks,
      onOutput: (text) => output.write(text),
      signal,
    })
    if (signal.aborted) {
      if (!lost.signal.aborted) await giveBackBuild(db, build.id, build.epoch)
      return { outcome: 'lost' }
    }
    if (built.outcome === 'failed') return built
    await keepSlug(built.slugFile, slugFile(deps.dir, build.id))
    const slug: Slug = {
      id: build.id,
      appId: build.appId,
      buildId: build.id,
      sourceId: build.sourceId,
      bytes: built.sizeBytes,
      checksum: built.checksum,
      processTypes: built.processTypes,
      buildpack: built.buildpack,
      commit: build.sourceVersion,
      commitDescription: build.sourceDescription,
      folder: null,
      stack: build.stack,
      createdAt: deps.world.now(),
    }
    return { outcome: 'built', slug }
  } finally {
    stopBeat()
    await output.flush()
  }
}

/** Fetches what was not uploaded, and holds it against its checksum. @returns what is wrong, for the customer */
async function haveSource(deps: RunDeps, build: Build, output: OutputWriter): Promise<string | null> {
  const { db, world, dir } = deps
  const source = await findSource(db, build.sourceId)
  const file = sourceFile(dir, build.sourceId)
  if (!source?.uploadedAt) {
    output.write('-----> Fetching the source\n')
    const answer = await deps.outbound.download(build.sourceUrl, downloadMsMax)
    if (answer.got === 'refused') return `The source could not be fetched: ${answer.reason}.`
    try {
      const bytes = await keepStream(answer.body, file)
      await markUploaded(db, build.sourceId, bytes, world.now())
    } catch (error) {
      if (error instanceof SourceTooLarge) return error.message
      // The disk's errors are ours; what else breaks here is the other side's stream.
      if (['ENOSPC', 'EACCES', 'EROFS', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      return 'The source could not be fetched: the connection broke before the end.'
    }
  }
  if (!build.sourceChecksum) return null
  const wanted = build.sourceChecksum.replace(/^sha256:/i, '').toLowerCase()
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const found = hash.digest('hex')
  return found === wanted ? null : `The source's checksum is SHA256:${found}, not SHA256:${wanted}. Upload it again.`
}

/** Moves a slug from the builder's folder into ours; complete and on the disk before its name appears. */
async function keepSlug(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 })
  if (from === to) return
  const draft = `${to}.part`
  try {
    await rename(from, draft)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    // The builder may live on another disk.
    await copyFile(from, draft)
    await rm(from, { force: true })
  }
  await syncFile(draft)
  await rename(draft, to)
  await syncFile(path.dirname(to))
}
