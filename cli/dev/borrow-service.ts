import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ApiError } from '@mortise/contract/client'
import { isFields } from '@mortise/contract/manifest/fields'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from '../api.js'
import { Failure } from '../failure.js'
import { type Manifest, writeManifest } from '../manifest-file.js'

export interface Borrowed {
  clientSecret: string
  /** Sentences for whoever reads along. */
  warnings: string[]
  /** Puts the manifest back that was in force before. @returns what to say */
  giveBack(): Promise<string>
}

interface Borrowing {
  api: Api
  slug: string
  /** As it is registered meanwhile. */
  contents: Manifest
  /** As it stays when the service was not there before. */
  afterwards: Manifest
  /** Where files for this platform are kept. */
  dir: string
  /** What the author says that the OAuth secret is. */
  knownSecret: string | undefined
  mayReset: boolean
}

/**
 * Registers a service at a platform that goes on without us. What is in force there is kept in a file first, so that it is
 * put back by the next run when this one is killed. The OAuth secret is told only once by the platform, and making a new one
 * ends the tokens that are in use, so that is only done when asked for.
 */
export async function borrowService(borrowing: Borrowing): Promise<Borrowed> {
  const { api, slug, contents, dir } = borrowing
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const keptBefore = path.join(dir, `${slug}-before.json`)
  const keptSecret = path.join(dir, 'client-secret')
  const before = (await readJson(keptBefore)) ?? (await inForce(api, slug))
  const secret = before && (borrowing.knownSecret || (await readText(keptSecret)))
  if (before && !secret && !borrowing.mayReset) {
    throw new Failure(`${slug} is at ${api.host} already, and its OAuth secret was told only once.`, {
      next: 'Give it in CLIENT_SECRET. Or pass --reset-secret: a new one is made, and the tokens of the old one end.',
    })
  }
  if (before) await writeManifest(keptBefore, before, true)
  const pushed = await api.call(routes.portal.push, { params: { slug }, body: { contents } })
  const clientSecret =
    secret || pushed.client_secret || (await api.call(routes.portal.resetSecret, { params: { slug } })).client_secret
  await writeFile(keptSecret, `${clientSecret}\n`, { mode: 0o600 })
  return {
    clientSecret,
    warnings: pushed.warnings ?? [],
    async giveBack() {
      const last = before ?? borrowing.afterwards
      await api.call(routes.portal.push, { params: { slug }, body: { contents: last } })
      await rm(keptBefore, { force: true })
      return before
        ? `${slug} at ${api.host} has its own manifest again.`
        : `${slug} stays at ${api.host}, and is asked where your provider listens.`
    },
  }
}

/** With its secrets, which only its owner is told; without the number of the version, since the next push is based on ours. */
async function inForce(api: Api, slug: string): Promise<Manifest | null> {
  try {
    const { contents } = await api.call(routes.portal.current, { params: { slug } })
    const { $base: _, ...manifest } = contents
    const declared = manifest['api']
    if (!isFields(declared) || !declared['password']) {
      throw new Failure(`${slug} at ${api.host} is somebody else's: you can see its manifest, but not put it back.`)
    }
    return manifest
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function readJson(file: string): Promise<Manifest | undefined> {
  const text = await readText(file)
  return text === undefined ? undefined : JSON.parse(text)
}
