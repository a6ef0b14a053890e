import type { Domain } from '@mortise/contract/platform-api/domains'
import { routes } from '@mortise/contract/platform-api/routes'
import { Args, appFlag, appOf, Failure, MortiseCommand } from '../../command.js'
import { waitUntil } from '../../wait.js'
import { waitFlags, waitingOf } from '../../wait-flags.js'

export default class DomainsWait extends MortiseCommand {
  static override description = 'wait until the domains of an app are ready'
  static override examples = [
    '$ mortise domains:wait -a guestbook',
    '$ mortise domains:wait www.example.com -a guestbook',
  ]
  static override args = { hostname: Args.string({ description: 'one domain; all of the app when absent' }) }
  static override flags = { app: appFlag, ...waitFlags }

  async run() {
    const { args, flags } = await this.parse(DomainsWait)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const wanted = async (): Promise<Domain[]> =>
      args.hostname
        ? [await api.call(routes.domains.info, { params: { app, domain: args.hostname } })]
        : await api.call(routes.domains.list, { params: { app } })
    return await this.during(`Waiting for ${args.hostname ?? `the domains of ${app}`}`, () =>
      waitUntil(
        wanted,
        (domains) => domains.every(({ status }) => status !== 'pending'),
        waitingOf(flags),
        (seconds) =>
          new Failure(`Not all domains are ready after ${seconds} s.`, {
            next: `Look with \`mortise domains -a ${app}\`.`,
          }),
      ),
    )
  }
}
