import { notFound } from '@mortise/contract/errors'
import type { TeamInvoice, Invoice as WireInvoice } from '@mortise/contract/platform-api/invoices'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { accountOf } from '../accounts/routes.js'
import type { Db } from '../db/db.js'
import { type Handler, handle } from '../http/handle.js'
import { teamIn } from '../teams/subject.js'
import { derivedId } from '../world/derived-id.js'
import type { World } from '../world/world.js'
import { type Invoice, invoicesOf, type Line } from './invoice.js'
import { segmentsOf } from './store.js'

/** What each month costs, read from the charges each time: there is no second set of books that could differ. */
export function invoiceRoutes({ db, world }: { db: Db; world: World }): Handler[] {
  async function viewsOf(ownerId: string): Promise<WireInvoice[]> {
    const now = world.now()
    return invoicesOf(await segmentsOf(db, ownerId), now).map((invoice) => invoiceView(ownerId, invoice, now))
  }
  function named<T extends WireInvoice>(invoices: T[], identity: string): T {
    const found = invoices.find(({ id, number }) => identity === id || identity === String(number))
    if (!found) throw notFound('invoice')
    return found
  }

  return [
    handle(routes.invoices.list, async ({ asker }) => viewsOf((await accountOf(db, asker)).id)),
    handle(routes.invoices.info, async ({ asker, params }) =>
      named(await viewsOf((await accountOf(db, asker)).id), params.invoice),
    ),
    handle(routes.invoices.listOfTeam, async ({ subjects }) =>
      (await viewsOf(teamIn(subjects).team.accountId)).map(ofTeam),
    ),
    handle(routes.invoices.infoOfTeam, async ({ subjects, params }) =>
      ofTeam(named(await viewsOf(teamIn(subjects).team.accountId), params.invoice)),
    ),
    // Nobody gives credit here, so there is none to show.
    handle(routes.invoices.credits, async () => []),
  ]
}

function invoiceView(ownerId: string, invoice: Invoice, now: Date): WireInvoice {
  const { number, total } = invoice
  return {
    charges_total: total,
    created_at: timestamp(invoice.from),
    credits_total: 0,
    id: derivedId('invoice', `${ownerId} ${number}`),
    line_items: invoice.lines.map(lineView),
    number,
    period_end: day(new Date(invoice.to.getTime() - 1)),
    period_start: day(invoice.from),
    state: 0,
    total,
    updated_at: timestamp(invoice.isClosed ? invoice.to : now),
  }
}

/** Only add-ons cost anything: dynos are the installation's own. */
function ofTeam(invoice: WireInvoice): TeamInvoice {
  const none = { database_total: 0, dyno_units: 0, platform_total: 0, weighted_dyno_hours: 0 }
  return { ...invoice, ...none, addons_total: invoice.charges_total, payment_status: 'Pending' }
}

function lineView(line: Line): WireInvoice['line_items'][number] {
  return {
    addon: line.addon,
    addon_service: line.service,
    app: line.app,
    ended_at: timestamp(line.to),
    plan: line.plan,
    price: { cents: line.cents, unit: 'month' },
    seconds: Math.floor(line.milliseconds / 1_000),
    stage: line.stage,
    started_at: timestamp(line.from),
    total: line.total,
  }
}

/** `MM/DD/YYYY` in UTC. */
function day(at: Date): string {
  const [year, month, date] = at.toISOString().slice(0, 10).split('-')
  return `${month}/${date}/${year}`
}
