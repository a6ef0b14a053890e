import type { Activity as Fact } from '@mortise/contract/platform-api/activity'
import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand } from '../command.js'
import { ago } from '../time.js'

export default class Activity extends MortiseCommand {
  static override description = 'show who did what, the newest first: with your account, in a team, or on an app'
  static override examples = [
    '$ mortise activity',
    '$ mortise activity -t acme-team',
    '$ mortise activity -a shop -n 20',
  ]
  static override flags = {
    app: Flags.string({ char: 'a', description: 'on this app', exclusive: ['team'] }),
    team: Flags.string({ char: 't', description: 'in this team' }),
    num: Flags.integer({ char: 'n', description: 'how many at most', default: 50, min: 1, max: 1000 }),
    kind: Flags.string({ char: 'k', description: 'only of this kind, such as session or team-member' }),
    by: Flags.string({ description: 'only by whoever has this e-mail address' }),
  }

  async run() {
    const { flags } = await this.parse(Activity)
    const api = await this.connect(flags)
    const asked = {
      query: {
        ...(flags.kind ? { 'eq[resource]': flags.kind } : {}),
        ...(flags.by ? { 'eq[actor]': flags.by } : {}),
      },
      headers: { range: `seq ..; order=desc, max=${flags.num}` },
    }
    const { app, team } = flags
    const facts: Fact[] = app
      ? await api.first(routes.activity.listOfApp, { ...asked, params: { app } })
      : team
        ? await api.first(routes.activity.listOfTeam, { ...asked, params: { team } })
        : await api.first(routes.activity.listOfAccount, asked)
    const now = new Date()
    return this.list(
      facts,
      {
        When: ({ created_at }) => ago(new Date(created_at), now),
        Who: ({ actor }) => actor.email,
        What: ({ resource, action }) => `${resource} ${action}d`.replace('destroyd', 'destroyed'),
        '': ({ subject, data }) => subject.name ?? String(data['description'] ?? ''),
      },
      'Nothing happened.',
    )
  }
}
