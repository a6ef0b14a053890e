import type { Formation } from '@mortise/contract/platform-api/dynos'
import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'
import { wrongUsage } from '../../failure.js'

export default class PsType extends MortiseCommand {
  static override description = 'show or change the size of the dynos of an app'
  static override aliases = ['ps:resize']
  static override hiddenAliases = ['resize', 'dyno:resize', 'dyno:type']
  static override usage = 'ps:type [SIZE | TYPE=SIZE...] -a APP'
  static override examples = [
    '$ mortise ps:type -a guestbook',
    '$ mortise ps:type standard-2x -a guestbook',
    '$ mortise ps:type web=standard-2x worker=standard-1x -a guestbook',
  ]
  static override strict = false
  static override flags = { app: appFlag }

  async run() {
    const { argv, flags } = await this.parse(PsType)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const params = { app }
    let formation = await api.call(routes.formation.list, { params })
    const updates = sizes(argv as string[], formation)
    if (updates.length > 0) {
      formation = await this.during(`Resizing ${updates.map(({ type }) => type).join(', ')} on ${app}`, () =>
        api.call(routes.formation.updateAll, { params, body: { updates } }),
      )
    }
    formation.sort((a, b) => (a.type < b.type ? -1 : 1))
    return this.list(
      formation,
      { Type: (one) => one.type, Size: (one) => one.size, Dynos: (one) => one.quantity },
      `${app} has no process types yet. Deploy it first.`,
    )
  }
}

/** One size alone is meant for all process types. */
function sizes(words: readonly string[], formation: readonly Formation[]) {
  const [only] = words
  if (only && words.length === 1 && !only.includes('=')) return formation.map(({ type }) => ({ type, size: only }))
  return words.map((word) => {
    const [, type, size] = /^([^=]+)=([^=]+)$/.exec(word) ?? []
    if (!type || !size) throw wrongUsage(`"${word}" names no type and size.`, 'Write it like web=standard-2x.')
    return { type, size }
  })
}
