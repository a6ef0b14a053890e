import { routes } from '@mortise/contract/platform-api/routes'
import { Args, Flags, MortiseCommand } from '../../../../command.js'
import { slugOf } from '../../../../manifest-file.js'

const ways = { to: 'to_provider', from: 'from_provider' } as const

export default class Requests extends MortiseCommand {
  static override description = 'list what passed between the platform and the provider of an add-on service'
  static override aliases = ['provider:requests']
  static override examples = ['$ mortise addons:admin:requests fast-db', '$ mortise provider:requests --way from -n 20']
  static override args = {
    slug: Args.string({ description: 'the add-on service; the one of the manifest here when absent' }),
  }
  static override flags = {
    way: Flags.string({ options: Object.keys(ways), description: 'only those to the provider, or from it' }),
    num: Flags.integer({ char: 'n', min: 1, max: 200, default: 50, description: 'how many, the newest first' }),
  }

  async run() {
    const { args, flags } = await this.parse(Requests)
    const slug = await slugOf(args.slug)
    const all = await (await this.connect(flags)).call(routes.providerPortal.requests, { params: { slug } })
    const way = flags.way && ways[flags.way as keyof typeof ways]
    const shown = all.filter(({ direction }) => !way || direction === way).slice(0, flags.num)
    return this.list(
      shown,
      {
        At: (one) => one.at,
        Way: (one) => (one.direction === 'to_provider' ? 'to it' : 'from it'),
        Request: (one) => `${one.method} ${one.route}`,
        'Add-on': (one) => one.addon && String(one.addon['name']),
        Status: (one) => one.status ?? 'none',
        Class: (one) => one.class,
        Ms: (one) => one.ms,
        Id: (one) => one.id,
      },
      `Nothing passed between the platform and ${slug} yet.`,
    )
  }
}
