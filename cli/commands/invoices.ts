import type { Invoice, InvoiceLine } from '@mortise/contract/platform-api/invoices'
import { routes } from '@mortise/contract/platform-api/routes'
import * as Args from '@oclif/core/args'
import { Flags, MortiseCommand } from '../command.js'
import { table } from '../table.js'

export default class Invoices extends MortiseCommand {
  static override description = 'what each month costs; with a number, line by line'
  static override examples = ['$ mortise invoices', '$ mortise invoices 202611 --team crew']
  static override args = { invoice: Args.string({ description: 'number of an invoice, such as 202611' }) }
  static override flags = { team: Flags.string({ char: 't', helpValue: 'TEAM', description: "a team's, not yours" }) }

  async run() {
    const { args, flags } = await this.parse(Invoices)
    const api = await this.connect(flags)
    const { team } = flags
    if (args.invoice === undefined) {
      const invoices: Invoice[] = team
        ? await api.call(routes.invoices.listOfTeam, { params: { team } })
        : await api.call(routes.invoices.list)
      invoices.sort((a, b) => b.number - a.number)
      if (invoices.length === 0) this.note('Nothing was ever billed.')
      else this.log(table(invoices, months, this.paint.bold))
      return invoices
    }
    const params = { invoice: args.invoice }
    const invoice: Invoice = team
      ? await api.call(routes.invoices.infoOfTeam, { params: { ...params, team } })
      : await api.call(routes.invoices.info, { params })
    this.log(table(invoice.line_items, lines, this.paint.bold))
    this.log(`\nTotal ${money(invoice.total)}, ${invoice.period_start} to ${invoice.period_end}`)
    return invoice
  }
}

const money = (cents: number) => `$${(cents / 100).toFixed(2)}`
const right = 'right' as const
const months = [
  { title: 'Invoice', value: (one: Invoice) => one.number },
  { title: 'From', value: (one: Invoice) => one.period_start },
  { title: 'To', value: (one: Invoice) => one.period_end },
  { title: 'Lines', value: (one: Invoice) => one.line_items.length, align: right },
  { title: 'Total', value: (one: Invoice) => money(one.total), align: right },
]
const lines = [
  { title: 'Add-on', value: (one: InvoiceLine) => one.addon.name },
  { title: 'App', value: (one: InvoiceLine) => one.app?.name },
  { title: 'Plan', value: (one: InvoiceLine) => one.plan },
  { title: 'Price', value: (one: InvoiceLine) => `${money(one.price.cents)} a month`, align: right },
  { title: 'Hours', value: (one: InvoiceLine) => (one.seconds / 3_600).toFixed(1), align: right },
  {
    title: 'Total',
    value: (one: InvoiceLine) => (one.total === 0 && one.stage !== 'ga' ? `free in ${one.stage}` : money(one.total)),
    align: right,
  },
]
