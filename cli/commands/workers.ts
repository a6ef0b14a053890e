import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../command.js'
import { ago } from '../time.js'

export default class Workers extends MortiseCommand {
  static override description = 'for the operator: list the processes of the installation, and which fell silent'
  static override examples = ['$ mortise workers']

  async run() {
    const { flags } = await this.parse(Workers)
    const workers = await (await this.connect(flags)).call(routes.workers.list)
    const now = new Date()
    return this.list(
      workers,
      {
        Role: ({ role }) => role,
        State: ({ state }) => state,
        Host: ({ host }) => host,
        Process: ({ pid }) => pid,
        Address: ({ address }) => address,
        Version: ({ version }) => version,
        Started: ({ started_at }) => ago(new Date(started_at), now),
        'Last word': ({ updated_at }) => ago(new Date(updated_at), now),
      },
      'No process is known.',
    )
  }
}
