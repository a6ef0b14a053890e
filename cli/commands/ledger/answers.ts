import type { KeptAnswer } from '@mortise/contract/platform-api/operations'
import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { MortiseCommand } from '../../command.js'
import { plainText } from '../../plain-text.js'

export default class LedgerAnswers extends MortiseCommand {
  static override description = 'for the operator: read what a provider answered that was not clear; that is recorded'
  static override examples = ['$ mortise ledger:answers postgresql-curved-12345']
  static override args = { addon: Args.string({ required: true, description: 'name or id of the add-on' }) }

  async run() {
    const { args, flags } = await this.parse(LedgerAnswers)
    const api = await this.connect(flags)
    const answers = await api.call(routes.ledger.answers, { params: { addon: args.addon } })
    if (answers.length === 0)
      this.note('Nothing is kept: every answer was clear, had no body, or is older than a week.')
    else this.log(answers.map(answerText).join('\n\n'))
    return answers
  }
}

function answerText({ question, attempt, answered_at, status, class: kind, body, cut }: KeptAnswer): string {
  const head = `${answered_at}  ${question}, attempt ${attempt}: ${status ?? 'no status'} (${kind})`
  return `${head}\n${plainText(body)}${cut ? '\n[it went on]' : ''}`
}
