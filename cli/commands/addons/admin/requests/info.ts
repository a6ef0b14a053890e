import { maskedBodyFacts, maskedBodyText } from '@mortise/contract/platform-api/masked-body-text'
import type { MaskedBody } from '@mortise/contract/platform-api/provider-portal'
import { routes } from '@mortise/contract/platform-api/routes'
import { Flags, MortiseCommand, required } from '../../../../command.js'
import { slugOf } from '../../../../manifest-file.js'
import { plainText } from '../../../../plain-text.js'
import { when } from '../../../../time.js'

export default class RequestsInfo extends MortiseCommand {
  static override description = 'show one request with what was sent and received, without secrets'
  static override aliases = ['provider:requests:info']
  static override examples = [
    '$ mortise addons:admin:requests:info 01234567-89ab-cdef-0123-456789abcdef.1 --service fast-db',
  ]
  static override args = { request: required('its id, from `mortise addons:admin:requests`') }
  static override flags = {
    service: Flags.string({
      char: 's',
      helpValue: 'SERVICE',
      description: 'the add-on service; the one of the manifest here when absent',
    }),
  }

  async run() {
    const { args, flags } = await this.parse(RequestsInfo)
    const params = { slug: await slugOf(flags.service), request: args.request }
    const one = await (await this.connect(flags)).call(routes.providerPortal.exchange, { params })
    const isToProvider = one.direction === 'to_provider'
    this.record(`${one.method} ${one.route}`, {
      Id: one.id,
      Way: isToProvider ? 'the platform asked the provider' : 'the provider asked the platform',
      'Add-on': one.addon && String(one.addon['name']),
      At: when(one.at, new Date()),
      Try: one.number,
      Status: one.status ?? 'no answer',
      Class: one.class,
      Took: one.ms === null ? null : `${one.ms} ms`,
      Message: one.message,
    })
    this.body('Sent', one.sent)
    if (one.status !== null) this.body('Received', one.received)
    return one
  }

  private body(title: string, body: MaskedBody | null): void {
    const facts = body && maskedBodyFacts(body)
    this.log(`\n${this.paint.bold(title)}${facts ? ` (${facts})` : ''}\n${plainText(maskedBodyText(body))}`)
  }
}
