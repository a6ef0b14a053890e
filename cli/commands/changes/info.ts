import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { changeText, settled, settledChange } from '../../change.js'
import { appFlag, appOf, Flags, MortiseCommand } from '../../command.js'
import { plainText } from '../../plain-text.js'
import { waitFlags, waitingOf } from '../../wait-flags.js'

export default class ChangesInfo extends MortiseCommand {
  static override description = 'show how far a change of an app is\nEnds with 1 when it was given up.'
  static override examples = ['$ mortise changes:info 01234567-89ab-cdef-0123-456789abcdef -a guestbook --wait']
  static override args = { change: Args.string({ required: true, description: 'id of the change' }) }
  static override flags = {
    app: appFlag,
    wait: Flags.boolean({ description: 'wait until the providers are done' }),
    ...waitFlags,
  }

  async run() {
    const { args, flags } = await this.parse(ChangesInfo)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const seen = await api.call(routes.changes.info, { params: { app, change: args.change } })
    const change =
      flags.wait && seen.state === 'pending'
        ? await this.during(`Waiting for the change of ${app}`, () => settledChange(api, app, seen, waitingOf(flags)))
        : settled(seen)
    if (change.message) this.log(plainText(change.message))
    if (change.release) this.log(`Released as v${change.release.version}.`)
    this.log(plainText(changeText(change)))
    return change
  }
}
