import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand, required } from '../../command.js'

/** One thing in which two apps differ; null where one has nothing of it. */
interface Difference {
  property: string
  first: string | null
  second: string | null
}

export default class AppsDiff extends MortiseCommand {
  static override description =
    'show in what two apps differ: stack, slug, add-ons, and which config vars\nValues of config vars are compared and not shown.'
  static override examples = ['$ mortise apps:diff guestbook guestbook-staging']
  static override args = { first: required('an app'), second: required('the app it is compared with') }

  async run() {
    const { args, flags } = await this.parse(AppsDiff)
    const api = await this.connect(flags)
    const look = async (app: string) => ({
      info: await api.call(routes.apps.info, { params: { app } }),
      addons: await api.call(routes.addons.listOfApp, { params: { app } }),
      vars: (await api.call(routes.config.info, { params: { app } })) as Record<string, string>,
    })
    const [one, other] = [await look(args.first), await look(args.second)]
    const plans = ({ addons }: typeof one) => addons.map(({ plan }) => plan.name).sort()
    const found: Difference[] = []
    const compare = (property: string, first: string | null, second: string | null) => {
      if (first !== second) found.push({ property, first, second })
    }
    compare('stack', one.info.stack.name, other.info.stack.name)
    compare('region', one.info.region.name, other.info.region.name)
    compare('buildpack', one.info.buildpack_provided_description, other.info.buildpack_provided_description)
    compare('add-ons', plans(one).join(', ') || null, plans(other).join(', ') || null)
    for (const name of [...new Set([...Object.keys(one.vars), ...Object.keys(other.vars)])].sort()) {
      const [first, second] = [one.vars[name], other.vars[name]]
      if (first === second) continue
      compare(`config ${name}`, first === undefined ? null : 'its value', second === undefined ? null : 'another value')
    }
    return this.list(
      found,
      [
        { title: 'What', value: ({ property }: Difference) => property },
        { title: args.first, value: ({ first }: Difference) => first ?? '' },
        { title: args.second, value: ({ second }: Difference) => second ?? '' },
      ],
      'They do not differ.',
    )
  }
}
