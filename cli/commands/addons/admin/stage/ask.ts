import { routes } from '@mortise/contract/platform-api/routes'
import { Args, Flags, MortiseCommand } from '../../../../command.js'
import { slugOf } from '../../../../manifest-file.js'

export default class StageAsk extends MortiseCommand {
  static override description =
    'ask the operator to move an add-on service to its next stage: beta, or ga\nTwice is once.'
  static override aliases = ['provider:stage:ask']
  static override examples = [
    '$ mortise addons:admin:stage:ask fast-db',
    '$ mortise addons:admin:stage:ask fast-db --stage ga --note "12 customers in beta since June"',
  ]
  static override args = {
    slug: Args.string({ description: 'the add-on service; the one of the manifest here when absent' }),
  }
  static override flags = {
    stage: Flags.string({ options: ['beta', 'ga'], description: 'refuse unless this is the next one' }),
    note: Flags.string({ char: 'n', helpValue: 'TEXT', description: 'words to the operator, 1 KiB at most' }),
  }

  async run() {
    const { args, flags } = await this.parse(StageAsk)
    const slug = await slugOf(args.slug)
    const stage = (['beta', 'ga'] as const).find((one) => one === flags.stage)
    const api = await this.connect(flags)
    const asked = await this.during(`Asking to move ${slug} on`, () =>
      api.call(routes.stageRequests.create, {
        params: { slug },
        body: { ...(stage ? { stage } : {}), ...(flags.note ? { note: flags.note } : {}) },
      }),
    )
    this.log(`${slug} asks for ${asked.stage}. The operator grants or declines it; see addons:admin:stage ${slug}.`)
    return asked
  }
}
