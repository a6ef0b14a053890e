// Installs what package.json asks for, runs its "build" script, and leaves only what runs. Written for bin/compile.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

const [buildDir, cacheDir, envDir] = process.argv.slice(2)
const at = (...parts) => path.join(buildDir, ...parts)

const step = (text) => console.log(`-----> ${text}`)
const detail = (text) => console.log(`       ${text}`)
function fail(...lines) {
  for (const line of lines) console.log(` !     ${line}`)
  process.exit(1)
}

const manifest = readManifest()
const scripts = manifest.scripts ?? {}
// Heroku's rule: heroku-postbuild, where there is one, takes the place of build.
const buildScript = ['heroku-postbuild', 'build'].find((name) => scripts[name])
const env = buildEnvironment()
const hasLock = ['package-lock.json', 'npm-shrinkwrap.json'].some((name) => fs.existsSync(at(name)))

step('Using the Node.js of this installation')
detail(`node ${process.version}${manifest.engines?.node ? ` (package.json asks for ${manifest.engines.node})` : ''}`)
if (!hasLock && ['yarn.lock', 'pnpm-lock.yaml'].some((name) => fs.existsSync(at(name)))) {
  detail('Only npm lock files are read; versions come from package.json.')
}
if (fs.existsSync(at('node_modules'))) {
  detail('node_modules came with the source and is installed anew.')
  fs.rmSync(at('node_modules'), { recursive: true })
}

step('Installing dependencies')
if (hasDependencies()) await install()
else detail('package.json names none.')

if (buildScript) {
  step('Build')
  await npm(['run', buildScript])
  if (Object.keys(manifest.devDependencies ?? {}).length) {
    step('Pruning devDependencies')
    await npm(['prune', '--omit=dev'])
  }
}
writeProfile()

/** `npm ci`, or what it made the last time for the very same lock file, Node.js and settings. */
async function install() {
  const omitDev = buildScript ? [] : ['--omit=dev']
  const command = hasLock ? ['ci', ...omitDev] : ['install', '--no-package-lock', ...omitDev]
  const kept = path.join(cacheDir, 'node_modules')
  const keyFile = path.join(cacheDir, 'node_modules.key')
  // The app's own install scripts may do anything, also outside node_modules: their work can't be taken from a cache.
  const hasOwnScripts = [
    'preinstall',
    'install',
    'postinstall',
    'prepublish',
    'preprepare',
    'prepare',
    'postprepare',
  ].some((name) => scripts[name])
  // Local packages (file: and workspaces) are links into the source, which the lock file says nothing about.
  const isKeepable = hasLock && !hasOwnScripts && !manifest.workspaces && !/"(file|link):|"link": true/.test(lockText())
  const key = keyOf(command)
  if (isKeepable && fs.existsSync(keyFile) && fs.readFileSync(keyFile, 'utf8') === key) {
    detail(`npm ${command.join(' ')} (unchanged: restored from the build cache)`)
    await copyFolder(kept, at('node_modules'))
    return
  }
  detail(`npm ${command.join(' ')}`)
  await npm(command)
  // The key goes first and comes last, so that a copy that was cut short is never taken for a whole one.
  fs.rmSync(keyFile, { force: true })
  fs.rmSync(kept, { recursive: true, force: true })
  if (isKeepable && fs.existsSync(at('node_modules'))) {
    await copyFolder(at('node_modules'), kept)
    fs.writeFileSync(keyFile, key)
  }
}

function keyOf(command) {
  const settings = Object.entries(env)
    .filter(([name]) => /^(npm_config_|NODE_ENV$)/i.test(name))
    .sort()
  const npmrc = fs.existsSync(at('.npmrc')) ? fs.readFileSync(at('.npmrc'), 'utf8') : ''
  const parts = [process.version, process.arch, command, JSON.stringify(manifest), lockText(), npmrc, settings]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function lockText() {
  const file = ['npm-shrinkwrap.json', 'package-lock.json'].map((name) => at(name)).find((name) => fs.existsSync(name))
  return file ? fs.readFileSync(file, 'utf8') : ''
}

/**
 * The app's config is part of the build's environment, as on Heroku: a front end may need its API's address. What the
 * operator set stays, whatever the case of the letters, since npm takes NPM_CONFIG_REGISTRY and npm_config_registry for one.
 */
function buildEnvironment() {
  const taken = new Set(Object.keys(process.env).map((name) => name.toLowerCase()))
  const config = {}
  for (const name of fs.readdirSync(envDir)) {
    if (taken.has(name.toLowerCase()) || /^(LD_|DYLD_|BASH_ENV$|ENV$|GIT_DIR$|NODE_OPTIONS$)/.test(name)) continue
    config[name] = fs.readFileSync(path.join(envDir, name), 'utf8')
  }
  return {
    NODE_ENV: 'production',
    ...config,
    ...process.env,
    npm_config_cache: path.join(cacheDir, 'npm'),
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    npm_config_progress: 'false',
    npm_config_prefer_offline: 'true',
    // What is left out is said on the command line; NODE_ENV=production would leave out what "build" needs.
    ...(buildScript ? { npm_config_include: 'dev' } : {}),
  }
}

function npm(args) {
  // After the build dev packages go, so the setting that brought them in must not be there any more.
  const { npm_config_include: _, ...without } = env
  return run('npm', args, args[0] === 'prune' ? without : env)
}

/** Runs a program with its output set in, as Heroku shows it. */
function run(file, args, environment) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: buildDir, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) {
      let rest = ''
      stream.setEncoding('utf8').on('data', (text) => {
        const lines = (rest + text).split('\n')
        rest = lines.pop()
        for (const line of lines) if (line.trim()) detail(line)
      })
      stream.on('end', () => rest.trim() && detail(rest))
    }
    child.on('error', (error) => fail(`${file} could not be started: ${error.message}`))
    child.on('close', (code) => (code === 0 ? resolve() : fail(`${file} ${args.join(' ')} ended with status ${code}.`)))
  })
}

async function copyFolder(from, to) {
  // cp keeps links and times and is about ten times as fast here as copying file by file in JavaScript.
  await run('cp', ['-a', from, to], process.env)
}

function hasDependencies() {
  const fields = [
    'dependencies',
    'optionalDependencies',
    'peerDependencies',
    ...(buildScript ? ['devDependencies'] : []),
  ]
  return Boolean(manifest.workspaces) || fields.some((field) => Object.keys(manifest[field] ?? {}).length > 0)
}

function readManifest() {
  try {
    const value = JSON.parse(fs.readFileSync(at('package.json'), 'utf8'))
    if (value && typeof value === 'object' && !Array.isArray(value)) return value
    return fail('package.json must hold an object.')
  } catch (error) {
    return fail("package.json can't be read as JSON:", String(error.message).slice(0, 300))
  }
}

/** What a dyno finds on its PATH and in NODE_ENV, unless the app's config says otherwise. */
function writeProfile() {
  fs.mkdirSync(at('.profile.d'), { recursive: true })
  const lines = ['export PATH="$HOME/node_modules/.bin:$PATH"', 'export NODE_ENV="$' + '{NODE_ENV:-production}"', '']
  fs.writeFileSync(at('.profile.d', 'nodejs.sh'), lines.join('\n'))
}
