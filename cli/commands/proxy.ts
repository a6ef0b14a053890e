import path from 'node:path'
import { Flags, MortiseCommand } from '../command.js'
import { runHere } from '../local-process.js'
import { splitAtDashes } from '../options.js'
import { authorityIn } from '../proxy/authority-file.js'
import { clientEnvironment } from '../proxy/client-environment.js'
import { startProxy } from '../proxy/proxy.js'
import { shellLine } from '../shell.js'

export default class LocalProxy extends MortiseCommand {
  static override description =
    "let clients on this machine reach a server that they can't be pointed at\n" +
    'The heroku command line takes no server but localhost: this forwards from here, and carries `run` with a\n' +
    "certificate of its own. With --hosts, clients that know Heroku's own hosts only reach the server too."
  static override aliases = ['provider:proxy']
  static override usage = 'proxy [--host URL] [--hosts] [-- COMMAND...]'
  static override examples = [
    '$ mortise proxy --host https://mortise.example.com',
    '$ mortise proxy --host https://mortise.example.com -- heroku apps',
    '$ mortise provider:proxy --hosts -- bundle exec rackup',
  ]
  static override strict = false
  static override flags = {
    port: Flags.integer({
      char: 'p',
      min: 0,
      max: 65_535,
      description: 'where to listen (default 5056; a free one before a command)',
    }),
    hosts: Flags.boolean({ description: "tell how to reach the server by Heroku's own hosts, like api.heroku.com" }),
    verbose: Flags.boolean({ char: 'v', description: 'say what is asked for, one line a request' }),
  }

  async run() {
    const { own, provider: words } = splitAtDashes(this.argv)
    const { flags } = await this.parse(LocalProxy, own)
    const remote = this.hostOf(flags)
    const now = new Date()
    const { authority, files } = await authorityIn(path.join(path.dirname(this.credentialsFile), 'proxy'), now)
    const proxy = await startProxy({
      remote,
      port: flags.port ?? (words.length > 0 ? 0 : 5056),
      authority,
      now,
      onRequest: flags.verbose ? (line) => this.note(line) : undefined,
    })
    const environment = clientEnvironment(proxy.port, files, flags.hosts ?? false)
    if (words.length > 0) {
      const status = await runHere(words, { ...process.env, ...environment }).finally(() => proxy.close())
      if (status !== 0) this.exit(status)
      return { remote, status }
    }
    const ready = { url: `http://localhost:${proxy.port}`, remote, environment, ca: files.certificate }
    // Said when it is ready rather than at the end: whoever starts it waits for this line.
    if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(ready)}\n`)
    else this.explain(ready)
    await untilStopped()
    await proxy.close()
    if (this.jsonEnabled()) this.exit(0)
    return ready
  }

  private explain({
    url,
    remote,
    environment,
  }: {
    url: string
    remote: string
    environment: Record<string, string>
  }): void {
    this.log(`Forwarding ${url} to ${remote}`)
    this.note('In another terminal, before the client:')
    for (const [name, value] of Object.entries(environment)) this.log(`export ${shellLine(name, value)}`)
    this.note('Ctrl-C ends it.')
  }
}

function untilStopped(): Promise<void> {
  return new Promise((stopped) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped())
  })
}
