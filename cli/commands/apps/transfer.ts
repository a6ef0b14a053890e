import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, Flags, MortiseCommand, required } from '../../command.js'

export default class AppsTransfer extends MortiseCommand {
  static override description =
    'give an app to somebody else\nA person is offered it and has to accept; a team of yours has it at once.'
  static override hiddenAliases = ['sharing:transfer']
  static override examples = [
    '$ mortise apps:transfer grace@example.com -a guestbook',
    '$ mortise apps:transfer acme-team -a guestbook',
  ]
  static override args = { recipient: required('an e-mail, or the name of a team') }
  static override flags = {
    app: appFlag,
    locked: Flags.boolean({ char: 'l', description: "lock the team's app: members have to be added to it" }),
  }

  async run() {
    const { args, flags } = await this.parse(AppsTransfer)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const { team } = await api.call(routes.apps.info, { params: { app } })
    if (args.recipient.includes('@') && !team) {
      return await this.during(`Offering ${app} to ${args.recipient}`, async (progress) => {
        const transfer = await api.call(routes.transfers.create, { body: { app, recipient: args.recipient } })
        progress.done(`done, ${transfer.state}`)
        if (transfer.state === 'pending') this.note(`They accept with \`mortise apps:transfers:accept ${app}\`.`)
        return transfer
      })
    }
    return await this.during(`Giving ${app} to ${args.recipient}`, async () => {
      const given = await api.call(routes.teamApps.update, { params: { app }, body: { owner: args.recipient } })
      if (!flags.locked) return given
      return await api.call(routes.teamApps.update, { params: { app }, body: { locked: true } })
    })
  }
}
