import type { Addon } from '@mortise/contract/platform-api/addons'
import { routes } from '@mortise/contract/platform-api/routes'
import { resolveAddon, settledAddon, stateText } from '../../addon.js'
import type { Api } from '../../api.js'
import { appFlag, confirmFlag, Failure, Flags, MortiseCommand } from '../../command.js'
import { confirmApp } from '../../confirm.js'
import { wrongUsage } from '../../failure.js'
import type { Waiting } from '../../wait.js'
import { waitFlags, waitingOf } from '../../wait-flags.js'

export default class AddonsDestroy extends MortiseCommand {
  static override description = 'destroy add-ons with their data, for good'
  static override aliases = ['addons:remove']
  static override usage = 'addons:destroy ADDON... [-a APP] [--confirm APP]'
  static override examples = ['$ mortise addons:destroy postgresql-curved-12345 --confirm guestbook']
  static override strict = false
  static override flags = {
    app: appFlag,
    confirm: confirmFlag,
    force: Flags.boolean({ char: 'f', description: 'also when attached to other apps' }),
    wait: Flags.boolean({ description: 'wait until the provider is done' }),
    ...waitFlags,
  }

  async run() {
    const { argv, flags } = await this.parse(AddonsDestroy)
    const names = argv as string[]
    if (names.length === 0) throw wrongUsage('Which add-on?', 'Name one or more add-ons.')
    const api = await this.connect(flags)
    // All are looked up and confirmed before the first is touched: a typo in the second must not cost the first.
    const addons: Addon[] = []
    for (const name of names) {
      const addon = await meant(api, name, flags.app)
      if (!addons.some(({ id }) => id === addon.id)) addons.push(addon)
    }
    for (const app of new Set(addons.map((addon) => addon.app.name))) {
      const doomed = addons.filter((addon) => addon.app.name === app).map((addon) => addon.name)
      await confirmApp(app, `This destroys ${doomed.join(', ')} on ${app}, with all its data.`, flags.confirm)
    }
    const waiting = flags.wait ? waitingOf(flags) : undefined
    const destroyed: Addon[] = []
    for (const addon of addons) destroyed.push(await this.destroy(api, addon, flags.force ?? false, waiting))
    return destroyed
  }

  private async destroy(api: Api, addon: Addon, force: boolean, waiting?: Waiting): Promise<Addon> {
    return await this.during(`Destroying ${addon.name} on ${addon.app.name}`, async (progress) => {
      const answer = await api.call(routes.addons.destroy, {
        params: { app: addon.app.id, addon: addon.id },
        headers: { 'accept-expansion': 'plan' },
        body: { force },
      })
      if (answer.state === 'deprovisioned') return answer
      if (answer.state !== 'deprovisioning') {
        throw new Failure(`${addon.name} was not destroyed: it is ${stateText(answer.state)}.`)
      }
      if (waiting) await settledAddon(api, answer, waiting)
      else progress.done('detached; the provider is removing it in the background')
      return answer
    })
  }
}

/** `app::NAME` names both; with --app the add-on must be billed to that app. */
async function meant(api: Api, identity: string, app?: string): Promise<Addon> {
  const [own, name] = identity.includes('::') ? identity.split('::', 2) : [app, identity]
  const addon = await resolveAddon(api, name!, own)
  if (own && addon.app.name !== own && addon.app.id !== own) {
    throw new Failure(`${addon.name} belongs to ${addon.app.name}, not to ${own}.`, {
      next: `Pass -a ${addon.app.name} to destroy it, or take it off ${own} with addons:detach.`,
    })
  }
  return addon
}
