import { routes } from '@mortise/contract/platform-api/routes'
import { nextStage } from '@mortise/contract/platform-api/stage-requests'
import { Args, MortiseCommand } from '../../../../command.js'
import { slugOf } from '../../../../manifest-file.js'
import { when } from '../../../../time.js'

export default class Stage extends MortiseCommand {
  static override description = 'show how far an add-on service is, and what became of requests to move it on'
  static override aliases = ['provider:stage']
  static override examples = ['$ mortise addons:admin:stage fast-db']
  static override args = {
    slug: Args.string({ description: 'the add-on service; the one of the manifest here when absent' }),
  }

  async run() {
    const { args, flags } = await this.parse(Stage)
    const slug = await slugOf(args.slug)
    const api = await this.connect(flags)
    const requests = await api.call(routes.stageRequests.listOfService, { params: { slug } })
    const service = (await api.call(routes.providerPortal.services)).find(({ name }) => name === slug)
    const state = service?.state ?? (await api.call(routes.catalog.service, { params: { service: slug } })).state
    this.record(slug, { Stage: state, Next: nextStage[state] ?? 'none' })
    if (requests.length > 0) {
      this.log('')
      this.table(requests, {
        'Asked for': (one) => one.stage,
        By: (one) => one.asked_by,
        At: (one) => when(one.created_at, new Date()),
        State: (one) => one.state,
        Note: (one) => one.note,
        Reason: (one) => one.reason,
      })
    }
    return { stage: state, next: nextStage[state] ?? null, requests }
  }
}
