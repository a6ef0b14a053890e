import type { Formation } from '@mortise/contract/platform-api/dynos'
import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, MortiseCommand } from '../../command.js'
import { wrongUsage } from '../../failure.js'

export default class PsScale extends MortiseCommand {
  static override description = 'show or change how many dynos run of each process type'
  static override hiddenAliases = ['scale']
  static override usage = 'ps:scale [TYPE=QUANTITY[:SIZE]...] -a APP'
  static override examples = ['$ mortise ps:scale -a guestbook', '$ mortise ps:scale web=2 worker=+1 -a guestbook']
  static override strict = false
  static override flags = { app: appFlag }

  async run() {
    const { argv, flags } = await this.parse(PsScale)
    const app = appOf(flags)
    const updates = scaling(argv as string[])
    const api = await this.connect(flags)
    const params = { app }
    const formation =
      updates.length === 0
        ? await api.call(routes.formation.list, { params })
        : await this.during(`Scaling dynos of ${app}`, () =>
            api.call(routes.formation.updateAll, { params, body: { updates } }),
          )
    // The type that people visit comes first, then the rest by name.
    formation.sort((a, b) => Number(b.type === 'web') - Number(a.type === 'web') || (a.type < b.type ? -1 : 1))
    if (formation.length === 0) this.note(`${app} has no process types. Deploy it first.`)
    else {
      const columns = [
        { title: 'Type', value: (process: Formation) => process.type },
        { title: 'Dynos', value: (process: Formation) => process.quantity, align: 'right' as const },
        { title: 'Size', value: (process: Formation) => process.size },
        { title: 'Command', value: (process: Formation) => process.command },
      ]
      this.table(formation, columns)
    }
    return formation
  }
}

/** `web=2`, `worker=+1`, `web=2:standard-1x` as the batch that the API takes; the quantity stays text. */
export function scaling(words: readonly string[]): { type: string; quantity: string; size?: string }[] {
  return words.map((word) => {
    const change = /^([A-Za-z][\w-]*)=([+-]?\d{1,4})(?::(.+))?$/.exec(word)
    if (!change) throw wrongUsage(`"${word}" scales nothing.`, 'Write TYPE=QUANTITY, like web=2 or worker=+1.')
    const [, type, quantity, size] = change
    return size ? { type: type!, quantity: quantity!, size } : { type: type!, quantity: quantity! }
  })
}
