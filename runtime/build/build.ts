import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Account, handOver, makePassage, mustReach } from '../process/account.js'
import { searchPath } from '../process/environment.js'
import { type Keeper, openKeeper } from '../process/keeper.js'
import { bash } from '../process/group.js'
import { reachableNode } from '../process/node.js'
import { parseProcfile } from './procfile.js'
import { parseRelease } from './release.js'
import { packSlug } from './slug.js'
import { BuildFailed, boundedOutput, readPlainFile, runStep, type StepSurroundings } from './steps.js'
import { SourceRefused, type UnpackLimits, unpackSource } from './unpack.js'

/** One of ours by its name, or (with a file) somebody's archive on the local disk. */
export interface Buildpack {
  name: string
  file?: string
}

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
  /** In this order; none: the first of ours whose bin/detect says yes. */
  buildpacks?: readonly Buildpack[]
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
      /** Several are joined by commas. */
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
export const buildpacks: readonly string[] = ['nodejs', 'static', 'procfile']
const shippedBuildpacks = fileURLToPath(new URL('./buildpacks', import.meta.url))
/** Source: Dev Center, "Slug Compiler" (15 minutes). */
export const buildMsMax = 15 * 60_000
/** The largest archive of a buildpack. */
const buildpackBytesMax = 100 * 1024 * 1024

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
    const used = await choose(around, request)
    let released: Record<string, string> = {}
    for (const { folder, title } of used) {
      const script = (name: string) => path.join(folder, 'bin', name)
      around.onOutput(`-----> ${title} app detected\n`)
      const compiled = await runStep(around, [script('compile'), around.cwd, cache, envDir], true)
      if (compiled.code !== 0) throw new BuildFailed(`Failed to compile ${title} app.`)
      around.env = { ...around.env, ...(await exportedBy(around, folder)) }
      // Others' may leave it out; the last one's word counts.
      if (!(await isThere(script('release')))) continue
      const release = await runStep(around, [script('release'), around.cwd], false)
      if (release.code !== 0) throw new BuildFailed(`The buildpack could not say which processes the ${title} app has.`)
      released = parseRelease(release.stdout)
    }

    around.onOutput('-----> Discovering process types\n')
    const procfile = await readPlainFile(around.cwd, 'Procfile')
    const processTypes = { ...released, ...parseProcfile(procfile ?? '') }
    around.onOutput(
      `       ${procfile === undefined ? 'No Procfile' : 'Procfile'}; process types: ${Object.keys(processTypes).sort().join(', ') || 'none'}\n`,
    )

    around.onOutput('-----> Compressing...\n')
    const slugFile = path.join(dir, 'slugs', `${request.id}.tgz`)
    const { sizeBytes, checksum } = await packSlug(around, slugFile)
    around.onOutput(
      `       Done: ${sizeBytes < 1e6 ? `${(sizeBytes / 1e3).toFixed(1)}K` : `${(sizeBytes / 1e6).toFixed(1)}M`}\n`,
    )
    const buildpack = used.map(({ pack }) => pack).join(',')
    return { outcome: 'succeeded', slugFile, sizeBytes, checksum, processTypes, buildpack }
  }

  /** The buildpacks that were asked for, each of which must say yes; or the first of ours that does. */
  const choose = async (around: StepSurroundings, request: BuildRequest): Promise<Chosen[]> => {
    const own = (pack: string) => path.join(dir, 'buildpacks', pack)
    if (!request.buildpacks?.length) {
      for (const pack of buildpacks) {
        const title = await detects(around, own(pack), pack)
        if (title) return [{ pack, folder: own(pack), title }]
      }
      throw new BuildFailed(
        'No default language could be detected for this app. Put a package.json, an index.html or a Procfile at its top.',
      )
    }
    const chosen: Chosen[] = []
    for (const [index, { name, file }] of request.buildpacks.entries()) {
      if (file === undefined && !buildpacks.includes(name)) throw new BuildFailed(`There is no buildpack ${name}.`)
      const folder = file === undefined ? own(name) : await unpackBuildpack(request, file, index)
      const title = await detects(around, folder, name)
      if (!title) throw new BuildFailed(`The buildpack ${name} is not for this app: its bin/detect said no.`)
      chosen.push({ pack: name, folder, title })
    }
    return chosen
  }

  /** The build's account's own: a buildpack may leave an `export` script beside its bin folder. */
  const unpackBuildpack = async (request: BuildRequest, file: string, index: number): Promise<string> => {
    const folder = path.join(dir, 'scratch', request.id, `buildpack-${index}`)
    await fs.mkdir(folder, { mode: 0o755 })
    try {
      await unpackSource(file, folder, { sourceBytes: buildpackBytesMax, ...limits })
    } catch (error) {
      if (error instanceof SourceRefused) throw new BuildFailed(`The buildpack can't be used: ${error.message}`)
      throw error
    }
    for (const script of ['detect', 'compile']) {
      if (!(await isThere(path.join(folder, 'bin', script))))
        throw new BuildFailed(`The buildpack has no bin/${script}.`)
    }
    for (const script of await fs.readdir(path.join(folder, 'bin')))
      await fs.chmod(path.join(folder, 'bin', script), 0o755)
    await handOver(folder, account)
    return folder
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

interface Chosen {
  pack: string
  folder: string
  /** What bin/detect called the app. */
  title: string
}

/** What the buildpack calls the app; undefined when it is not for it. */
async function detects(around: StepSurroundings, folder: string, pack: string): Promise<string | undefined> {
  const { code, stdout } = await runStep(around, [path.join(folder, 'bin', 'detect'), around.cwd], false)
  return code === 0 ? stdout.trim().split('\n')[0] || pack : undefined
}

/** What a buildpack leaves for the next one in a script called `export`. Source: Dev Center, "Buildpack API", composing. */
async function exportedBy(around: StepSurroundings, folder: string): Promise<Record<string, string>> {
  const script = path.join(folder, 'export')
  if (!(await isThere(script))) return {}
  const { stdout } = await runStep(around, [bash, '-c', '. "$0" >&2 && env -0', script], false)
  const pairs = stdout.split('\0').map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)])
  const kept = pairs.filter(([name]) => name && !['HOME', 'PWD', 'OLDPWD', 'SHLVL', 'TMPDIR', '_'].includes(name))
  return Object.fromEntries(kept)
}

const isThere = (file: string): Promise<boolean> =>
  fs.access(file).then(
    () => true,
    () => false,
  )

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
