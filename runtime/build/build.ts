import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Account, handOver, makePassage, mustReach } from '../process/account.js'
import { searchPath } from '../process/environment.js'
import { type Keeper, openKeeper } from '../process/keeper.js'
import { reachableNode } from '../process/node.js'
import { parseProcfile } from './procfile.js'
import { parseRelease } from './release.js'
import { packSlug } from './slug.js'
import { BuildFailed, boundedOutput, readPlainFile, runStep, type StepSurroundings } from './steps.js'
import { SourceRefused, type UnpackLimits, unpackSource } from './unpack.js'

export interface BuildRequest {
  id: string
  app: { id: string; name: string }
  /** A .tgz or .tar on the local disk. */
  sourceFile: string
  /** The app's config; the buildpack reads it as files in ENV_DIR, never as shell text. */
  config: Record<string, string>
  /** A commit or any other name of the source; given to the buildpack as SOURCE_VERSION. */
  sourceVersion?: string
  stack: string
  /** Gets whole lines, each with its newline. */
  onOutput(text: string): void
  signal?: AbortSignal
  /** 15 minutes unless told, like Heroku's. */
  timeoutMs?: number
  /** The operator's own additions to the build's environment, such as `npm_config_registry`. */
  extraEnv?: Record<string, string>
}

export type BuildOutcome =
  | {
      outcome: 'succeeded'
      slugFile: string
      sizeBytes: number
      /** `SHA256:` and 64 hex digits. */
      checksum: string
      processTypes: Record<string, string>
      buildpack: string
    }
  | { outcome: 'failed'; message: string }

export interface Builder {
  build(request: BuildRequest): Promise<BuildOutcome>
  /** Drops an app's build cache. May be repeated. Slugs stay: releases refer to them. */
  forget(appId: string): Promise<void>
}

export interface BuilderOptions {
  /** Cache, slugs and scratch live below. Its parents must let the account through. */
  dir: string
  /** Whom builds run as; null or absent: ourselves. Needs root. */
  account?: Account | null
  node?: string
  path?: string
  limits?: UnpackLimits
}

/** Asked in this order; the first whose bin/detect says yes builds the app. */
const buildpacks = ['nodejs', 'static', 'procfile']
const shippedBuildpacks = fileURLToPath(new URL('./buildpacks', import.meta.url))
/** Source: Dev Center, "Slug Compiler" (15 minutes). */
export const buildMsMax = 15 * 60_000

/**
 * Turns source into slugs. Builds of one app come one after the other, since they share its cache. What an app's owner
 * got wrong is a `failed` outcome; exceptions are our own trouble (a full disk, a folder that the account can't reach).
 */
export function createBuilder(options: BuilderOptions): Builder {
  const { dir, account = null, limits } = options
  const lasts = new Map<string, Promise<unknown>>()
  let ready: Promise<{ keeper: Keeper; path: string }> | undefined

  /** Once: folders made, leftovers of an earlier life ended, buildpacks copied to where the account can read them. */
  const prepare = async () => {
    await makePassage(dir)
    await mustReach(dir, account, 'build')
    const keeper = openKeeper(path.join(dir, 'build-pids'))
    await fs.rm(path.join(dir, 'scratch'), { recursive: true, force: true })
    for (const name of ['scratch', 'cache']) await makePassage(path.join(dir, name))
    await fs.mkdir(path.join(dir, 'slugs'), { recursive: true, mode: 0o700 })
    await fs.rm(path.join(dir, 'buildpacks'), { recursive: true, force: true })
    await fs.cp(shippedBuildpacks, path.join(dir, 'buildpacks'), { recursive: true })
    // Whatever the modes were in the clone (its owner's umask), here everybody may read and nobody but us may write.
    await openToRead(path.join(dir, 'buildpacks'))
    return { keeper, path: searchPath(await reachableNode(dir, options.node, account), options.path) }
  }

  const inTurn = <T>(appId: string, work: () => Promise<T>): Promise<T> => {
    const mine = (lasts.get(appId) ?? Promise.resolve()).then(work)
    const settled = mine.catch(() => undefined)
    lasts.set(appId, settled)
    settled.then(() => lasts.get(appId) === settled && lasts.delete(appId))
    return mine
  }

  const build = async (request: BuildRequest): Promise<BuildOutcome> => {
    ready ??= prepare()
    const { keeper, path: PATH } = await ready
    const { timeoutMs = buildMsMax } = request
    const scratch = path.join(dir, 'scratch', request.id)
    const at = (name: string) => path.join(scratch, name)
    const cache = path.join(dir, 'cache', request.app.id)
    const tooLong = AbortSignal.timeout(timeoutMs)
    const onOutput = boundedOutput(request.onOutput)
    const around: StepSurroundings = {
      cwd: at('build'),
      env: {
        ...request.extraEnv,
        PATH,
        HOME: at('home'),
        TMPDIR: at('tmp'),
        STACK: request.stack,
        ...(request.sourceVersion ? { SOURCE_VERSION: request.sourceVersion } : {}),
      },
      account,
      keeper,
      signal: request.signal ? AbortSignal.any([request.signal, tooLong]) : tooLong,
      onOutput,
    }
    try {
      around.signal.throwIfAborted()
      // The scratch folder itself stays ours, so that the build can't put a link in the place of its own folders.
      await makePassage(scratch)
      for (const name of ['build', 'env', 'home', 'tmp']) await fs.mkdir(at(name), { mode: 0o700 })
      await fs.mkdir(cache, { recursive: true, mode: 0o700 })
      await unpackSource(request.sourceFile, at('build'), limits)
      await writeEnvDir(at('env'), request.config)
      for (const folder of ['build', 'env', 'home', 'tmp']) await handOver(at(folder), account)
      if (account && (await fs.stat(cache)).uid !== account.uid) await handOver(cache, account)
      return await compile(around, request, { envDir: at('env'), cache })
    } catch (error) {
      if (tooLong.aborted)
        return failed(onOutput, `The build took longer than ${Math.round(timeoutMs / 1000)} seconds and was stopped.`)
      if (around.signal.aborted) return failed(onOutput, 'The build was stopped.')
      if (error instanceof BuildFailed || error instanceof SourceRefused) return failed(onOutput, error.message)
      throw error
    } finally {
      await fs.rm(scratch, { recursive: true, force: true })
    }
  }

  const compile = async (
    around: StepSurroundings,
    request: BuildRequest,
    { envDir, cache }: { envDir: string; cache: string },
  ): Promise<BuildOutcome> => {
    const script = (pack: string, name: string) => path.join(dir, 'buildpacks', pack, 'bin', name)
    const { pack, title } = await detect(around, script)
    around.onOutput(`-----> ${title} app detected\n`)
    const compiled = await runStep(around, [script(pack, 'compile'), around.cwd, cache, envDir], true)
    if (compiled.code !== 0) throw new BuildFailed(`Failed to compile ${title} app.`)
    const release = await runStep(around, [script(pack, 'release'), around.cwd], false)
    if (release.code !== 0) throw new BuildFailed(`The buildpack could not say which processes the ${title} app has.`)

    around.onOutput('-----> Discovering process types\n')
    const procfile = await readPlainFile(around.cwd, 'Procfile')
    const processTypes = { ...parseRelease(release.stdout), ...parseProcfile(procfile ?? '') }
    around.onOutput(
      `       ${procfile === undefined ? 'No Procfile' : 'Procfile'}; process types: ${Object.keys(processTypes).sort().join(', ') || 'none'}\n`,
    )

    around.onOutput('-----> Compressing...\n')
    const slugFile = path.join(dir, 'slugs', `${request.id}.tgz`)
    const { sizeBytes, checksum } = await packSlug(around, slugFile)
    around.onOutput(
      `       Done: ${sizeBytes < 1e6 ? `${(sizeBytes / 1e3).toFixed(1)}K` : `${(sizeBytes / 1e6).toFixed(1)}M`}\n`,
    )
    return { outcome: 'succeeded', slugFile, sizeBytes, checksum, processTypes, buildpack: pack }
  }

  return {
    build: async (request) => {
      for (const id of [request.id, request.app.id])
        if (!/^[\w-]+$/.test(id)) throw new Error(`"${id}" can't be an id of a build or app.`)
      return inTurn(request.app.id, () => build(request))
    },
    forget: (appId) => inTurn(appId, () => fs.rm(path.join(dir, 'cache', appId), { recursive: true, force: true })),
  }
}

async function detect(
  around: StepSurroundings,
  script: (pack: string, name: string) => string,
): Promise<{ pack: string; title: string }> {
  for (const pack of buildpacks) {
    const { code, stdout } = await runStep(around, [script(pack, 'detect'), around.cwd], false)
    if (code === 0) return { pack, title: stdout.trim().split('\n')[0] || pack }
  }
  throw new BuildFailed(
    'No default language could be detected for this app. Put a package.json, an index.html or a Procfile at its top.',
  )
}

/** One file a config var. A name that can't be a file's name can't be a variable's either and is passed over. */
async function writeEnvDir(dir: string, config: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(config)) {
    if (/^[^/\0]{1,255}$/.test(name) && name !== '.' && name !== '..')
      await fs.writeFile(path.join(dir, name), value, { mode: 0o600 })
  }
}

async function openToRead(folder: string): Promise<void> {
  await fs.chmod(folder, 0o755)
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) await openToRead(full)
    else await fs.chmod(full, path.basename(folder) === 'bin' ? 0o755 : 0o644)
  }
}

function failed(onOutput: (text: string) => void, message: string): BuildOutcome {
  onOutput(` !     ${message}\n`)
  return { outcome: 'failed', message }
}
