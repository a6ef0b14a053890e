import { ApiError } from '@mortise/contract/client'
import type { App } from '@mortise/contract/platform-api/apps'
import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { appFlag, MortiseCommand, namedApp } from '../../command.js'
import { properties } from '../../table.js'
import { when } from '../../time.js'

export default class AppsInfo extends MortiseCommand {
  static override description = 'show one app'
  static override hiddenAliases = ['info']
  static override examples = ['$ mortise apps:info -a guestbook']
  static override args = { app: Args.string({ description: 'the app; the same as --app' }) }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(AppsInfo)
    const name = namedApp(args.app, flags)
    const api = await this.connect(flags)
    const params = { app: name }
    const [app, addons, dynos, collaborators] = await Promise.all([
      api.call(routes.apps.info, { params }),
      api.call(routes.addons.listOfApp, { params }),
      orEmpty(api.call(routes.dynos.list, { params })),
      orEmpty(api.call(routes.apps.collaborators, { params })),
    ])
    const now = new Date()
    this.log(this.paint.bold(app.name))
    this.log(
      properties([
        ['URL', app.web_url],
        ['Owner', app.owner.email],
        ['Region', app.region.name],
        ['Stack', app.kind === 'external' ? 'runs elsewhere' : app.stack.name],
        ['Acknowledged', acknowledged(app)],
        ['Dynos', dynos.map((dyno) => `${dyno.name} ${dyno.state}`).join('\n')],
        ['Add-ons', addons.map((addon) => `${addon.name} (${addon.plan.name})`).join('\n')],
        [
          'Collaborators',
          collaborators
            .map(({ user }) => user.email)
            .filter((email) => email !== app.owner.email)
            .join('\n'),
        ],
        ['Slug size', app.slug_size === null ? null : `${(app.slug_size / 1024 / 1024).toFixed(1)} MiB`],
        ['Maintenance', app.maintenance ? 'on' : null],
        ['Created', when(app.created_at, now)],
        ['Released', app.released_at ? when(app.released_at, now) : 'never'],
      ]),
    )
    return { app, addons, dynos, collaborators }
  }
}

function acknowledged({ kind, acknowledged_version: version }: App): string | null {
  if (kind !== 'external') return null
  return version ? `v${version}` : 'no release yet'
}

/** What a server does not offer, or this caller may not see, is left out of the picture. */
async function orEmpty<T>(list: Promise<T[]>): Promise<T[]> {
  try {
    return await list
  } catch (error) {
    if (error instanceof ApiError && [403, 404, 501].includes(error.status)) return []
    throw error
  }
}
