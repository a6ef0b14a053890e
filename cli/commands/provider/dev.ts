import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { isFields } from '@mortise/contract/manifest/fields'
import { createMask, type Mask } from '@mortise/contract/partner-api/mask'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from '../../api.js'
import { Args, Flags, MortiseCommand } from '../../command.js'
import { type Bench, createBench, sampleApp } from '../../dev/bench.js'
import { borrowService } from '../../dev/borrow-service.js'
import { isThisMachine, type Rehoused, rehouse } from '../../dev/dev-manifest.js'
import { exchangeText } from '../../dev/exchange-text.js'
import { startLocalServer } from '../../dev/local-server.js'
import { obeyKeys, obeyLines } from '../../dev/prompt.js'
import { reached, startProvider } from '../../dev/provider-process.js'
import { rehearse, type Tried } from '../../dev/rehearse.js'
import { type Passed, startTap, type Tap } from '../../dev/tap.js'
import { helpText, wordOf, words } from '../../dev/words.js'
import { explain, Failure } from '../../failure.js'
import { type Manifest, manifestFile, readManifest, writeManifest } from '../../manifest-file.js'
import { splitAtDashes } from '../../options.js'
import { plainText } from '../../plain-text.js'

/** Nobody watches `--once`: a removal that is not done by then is not done. */
const onceSeconds = 60

export default class ProviderDev extends MortiseCommand {
  static override description =
    'a whole platform for your provider on this machine: what passes is shown, and you say what happens\n' +
    'Registers the manifest at a server of its own, or at one with --host on this machine, where it puts back what was there\n' +
    'when it ends. Without a terminal it reads one command a line; `help` lists them. CMD starts your provider with\n' +
    'ADDON_MANIFEST, PORT, PLATFORM_URL and CLIENT_SECRET.'
  static override usage = 'provider:dev [MANIFEST] [--once] [-- CMD...]'
  static override examples = [
    '$ mortise provider:dev -- npm start',
    '$ mortise provider:dev other-manifest.json --once -- node dist/main.js',
  ]
  static override strict = false
  static override args = {
    manifest: Args.string({ description: 'the manifest', default: manifestFile }),
  }
  static override flags = {
    once: Flags.boolean({ description: 'live one whole life of an add-on, then end: 0 when all went well' }),
    app: Flags.string({ char: 'a', default: 'sample-app', helpValue: 'APP', description: 'the sample app' }),
    'data-dir': Flags.string({
      default: '.mortise/provider-dev',
      helpValue: 'DIR',
      description: 'where its own server keeps its data, and the files that your provider is told of',
    }),
    'reset-secret': Flags.boolean({
      description:
        'with --host: make a new OAuth secret where the one in use is not known; the tokens of the old one end',
    }),
  }

  private readonly closing: (() => Promise<unknown> | unknown)[] = []
  private readonly mask: Mask = createMask()
  private different = 0

  async run() {
    const { own, provider: command } = splitAtDashes(this.argv)
    const { args, flags } = await this.parse(ProviderDev, own)
    const manifest = await readManifest(args.manifest)
    this.hideSecretsOf(manifest)
    try {
      const { bench, ended } = await this.open(manifest, flags, command)
      if (flags.once)
        return await this.once(bench, isFields(manifest['api']) && String(manifest['api']['version']) === '1')
      await Promise.race([this.listen(bench), ended])
      return {}
    } finally {
      for (const close of this.closing.reverse()) await close()
    }
  }

  /** Starts all parts, each of which `closing` ends. @returns `ended` fails when the provider ends by itself */
  private async open(
    manifest: Manifest,
    flags: { host?: string; app: string; 'data-dir': string; once?: boolean; 'reset-secret'?: boolean },
    command: string[],
  ): Promise<{ bench: Bench; ended: Promise<never> }> {
    const ownDir = path.resolve(flags['data-dir'])
    if (flags.host) this.checkHost(flags.host)
    // What is wrong with it is better told before a server is started for it.
    rehouse(manifest, 'http://127.0.0.1')
    const api = flags.host ? await this.connect(flags) : await this.ownServer(ownDir)
    // First the platform's own address, which the provider is told; then the provider's, which the platform is told.
    const platform = await this.tap('provider → platform', { target: () => api.host })
    let rehoused: Rehoused | undefined
    const matched = (method: string, path: string) =>
      ['POST', 'PUT', 'DELETE'].includes(method) && path.startsWith(rehoused?.resourcesPath ?? '\n')
    const provider = await this.tap('platform → provider', {
      target: () => rehoused?.origin ?? '',
      isMatched: matched,
      rewrite: (body) => body.replaceAll(api.host, platform.url),
    })
    rehoused = rehouse(manifest, provider.url)
    const slug = String(rehoused.contents['id'])
    // What is known of another platform is kept apart from that of the own one.
    const dir = flags.host ? path.join(ownDir, new URL(api.host).host.replace(/\W+/g, '-')) : ownDir
    const afterwards = rehouse(manifest, rehoused.origin).contents
    const clientSecret = flags.host
      ? await this.borrow({
          api,
          slug,
          contents: rehoused.contents,
          afterwards,
          dir,
          mayReset: !!flags['reset-secret'],
        })
      : await this.register(api, slug, rehoused.contents, dir)
    this.mask.hide(clientSecret)
    const file = path.join(dir, 'addon-manifest.json')
    await writeManifest(file, rehoused.contents, true)
    const env = {
      ADDON_MANIFEST: file,
      PORT: new URL(rehoused.origin).port,
      PLATFORM_URL: platform.url,
      PLATFORM: platform.url,
      CLIENT_SECRET: clientSecret,
    }
    const show = (line: string) => this.log(`${this.paint.dim('provider |')} ${plainText(this.mask.text(line))}`)
    const started = command.length > 0 ? startProvider(command, { ...process.env, ...env }, show) : null
    if (started) this.closing.push(started.close)
    const ended = started?.ended ?? new Promise<never>(() => undefined)
    await Promise.race([ended, reached(rehoused.origin, started)])
    await sampleApp(api, flags.app)
    this.log(`${slug} is registered at ${api.host}, and asked by way of ${provider.url}.`)
    if (command.length === 0) {
      this.note(
        `Your provider reaches the platform at ${platform.url}; its OAuth secret is in ${path.join(dir, 'client-secret')}.`,
      )
    }
    const misbehave = (mischief: Parameters<Tap['next']>[0]) => provider.next(mischief)
    return {
      bench: createBench({ api, slug, app: flags.app, waitSeconds: flags.once ? onceSeconds : 600, misbehave }),
      ended,
    }
  }

  private async ownServer(dir: string): Promise<Api> {
    const program = path.join(this.config.root, '../../bin/mortise')
    const server = await this.during('Starting a platform', () => startLocalServer(program, dir, process.env))
    this.closing.push(server.close)
    this.mask.hide(server.apiKey)
    return this.connectAs(server.url, server.apiKey)
  }

  private async tap(way: string, options: Omit<Parameters<typeof startTap>[0], 'onPassed'>): Promise<Tap> {
    const onPassed = (passed: Passed) => {
      if (passed.remark?.includes('ANOTHER')) this.different++
      this.log(exchangeText(passed, way, this.mask, this.paint))
    }
    const tap = await startTap({ ...options, onPassed })
    this.closing.push(tap.close)
    return tap
  }

  /** Only a platform here can ask a provider here. */
  private checkHost(host: string): void {
    const { hostname, origin } = new URL(this.hostOf({ host }))
    if (isThisMachine(hostname)) return
    throw new Failure(`${origin} is not on this machine, so it can't ask a provider that is.`, {
      next: 'Leave --host out: a platform of your own is started.',
    })
  }

  /** At a platform that goes on: what was there is put back at the end. @returns the OAuth secret */
  private async borrow(order: Omit<Parameters<typeof borrowService>[0], 'knownSecret'>): Promise<string> {
    const borrowed = await borrowService({ ...order, knownSecret: process.env['CLIENT_SECRET'] })
    for (const warning of borrowed.warnings) this.note(`Warning: ${warning}`)
    // Whatever else has to end must end, and what could not be put back now is put back by the next run.
    this.closing.push(() =>
      borrowed.giveBack().then(
        (said) => this.note(said),
        (error: Error) =>
          this.note(`${order.slug} could not get its manifest back; the next run will try: ${error.message}`),
      ),
    )
    return borrowed.clientSecret
  }

  /** At our own platform. @returns the OAuth secret: of the first push, else a fresh one, since it is told only once */
  private async register(api: Api, slug: string, contents: Manifest, dir: string): Promise<string> {
    const pushed = await api.call(routes.portal.push, { params: { slug }, body: { contents } })
    for (const warning of pushed.warnings ?? []) this.note(`Warning: ${warning}`)
    const secret =
      pushed.client_secret ?? (await api.call(routes.portal.resetSecret, { params: { slug } })).client_secret
    await writeFile(path.join(dir, 'client-secret'), `${secret}\n`, { mode: 0o600 })
    return secret
  }

  private async once(bench: Bench, isFirstGeneration: boolean): Promise<{ tried: Tried[] }> {
    const tried = await rehearse(
      bench,
      isFirstGeneration,
      () => this.different,
      ({ what, problem }) => {
        this.log(
          problem === null
            ? `${this.paint.green('ok')}   ${what}`
            : `${this.paint.red('FAIL')} ${what}: ${plainText(problem)}`,
        )
      },
    )
    if (tried.some(({ problem }) => problem !== null)) process.exitCode = 1
    return { tried }
  }

  /** Commands until the end of the input, `quit` or Ctrl-C. */
  private async listen(bench: Bench): Promise<void> {
    const interrupted = new Promise<void>((done) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done())
    })
    const { stdin } = process
    const obey = (typed: string, argument: string | undefined) => this.obey(bench, typed, argument)
    const keys = ['h', ...words.map(({ key }) => key)]
    this.log(helpText())
    await Promise.race([interrupted, stdin.isTTY ? obeyKeys(stdin, keys, obey) : obeyLines(stdin, obey)])
    stdin.pause()
  }

  private async obey(bench: Bench, typed: string, argument: string | undefined): Promise<void> {
    if (typed === 'help' || typed === 'h') return this.log(helpText())
    const word = wordOf(typed)
    if (!word) return this.log(`There is no command "${plainText(typed)}"; \`help\` lists them.`)
    try {
      this.log(this.paint.bold(await word.run(bench, argument)))
    } catch (error) {
      const { message, next } = explain(error as Error, process.env)
      this.log(`${this.paint.red(word.name)} ${plainText(message)}${next ? ` ${plainText(next)}` : ''}`)
    }
  }

  private hideSecretsOf(manifest: Manifest): void {
    const api = isFields(manifest['api']) ? manifest['api'] : {}
    for (const secret of [api['password'], api['sso_salt']]) if (typeof secret === 'string') this.mask.hide(secret)
  }
}
