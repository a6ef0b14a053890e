import { routes } from '@mortise/contract/platform-api/routes'
import { Args, MortiseCommand } from '../../../../command.js'
import { Failure } from '../../../../failure.js'
import { slugOf } from '../../../../manifest-file.js'

export default class StageWithdraw extends MortiseCommand {
  static override description = 'take back the request to move an add-on service on'
  static override aliases = ['provider:stage:withdraw']
  static override examples = ['$ mortise addons:admin:stage:withdraw fast-db']
  static override args = {
    slug: Args.string({ description: 'the add-on service; the one of the manifest here when absent' }),
  }

  async run() {
    const { args, flags } = await this.parse(StageWithdraw)
    const slug = await slugOf(args.slug)
    const api = await this.connect(flags)
    const requests = await api.call(routes.stageRequests.listOfService, { params: { slug } })
    const open = requests.find(({ state }) => state === 'open')
    if (!open) {
      throw new Failure(`${slug} has no open request.`, {
        next: `See what there was: mortise addons:admin:stage ${slug}`,
      })
    }
    return await this.during(`Withdrawing the request of ${slug} for ${open.stage}`, () =>
      api.call(routes.stageRequests.withdraw, { params: { slug, stage_request: open.id } }),
    )
  }
}
