import { type Exchange, fieldsOf, isOk, statusOf } from './exchange.js'

/** Something that may exist at the provider because the inspection asked for it. */
export interface Debt {
  uuid: string
  /** What stands in the path: the uuid in v3, the provider's own id in v1; null when v1 never told it. */
  pathId: string | null
  /** How many may be there: a provider that does not know repeats makes one for each request. */
  copies: number
  /** The provider answered 202 to the removal and goes on by itself. */
  isGoing: boolean
}

/** Every resource that was asked for, and whether it is known to be gone. What the clean-up works off. */
export interface Ledger {
  provisioned(uuid: string, exchange: Exchange): void
  deprovisioned(pathId: string, exchange: Exchange): void
  /** The provider reported by itself that the resource is not there. */
  reportedGone(uuid: string): void
  owed(): Debt[]
  /** How many different resources were asked for and may have been made. */
  readonly size: number
}

export function createLedger(version: '1' | '3'): Ledger {
  const debts = new Map<string, Debt>()

  return {
    get size() {
      return debts.size
    },
    provisioned(uuid, exchange) {
      const isDoubtful = exchange.failure === 'timeout' || exchange.failure === 'broken' || statusOf(exchange) >= 500
      if (!isOk(exchange) && !isDoubtful) return
      const { id } = fieldsOf(exchange)
      const ownId = typeof id === 'string' || typeof id === 'number' ? String(id) : null
      const pathId = version === '3' ? uuid : ownId
      const key = pathId ?? `unknown of ${uuid}`
      const debt = debts.get(key) ?? { uuid, pathId, copies: 0, isGoing: false }
      debts.set(key, { ...debt, copies: debt.copies + 1, isGoing: false })
    },
    deprovisioned(pathId, exchange) {
      const debt = debts.get(pathId)
      if (!debt) return
      const status = statusOf(exchange)
      if (status === 202) debt.isGoing = true
      if (status === 202 || status === 404 || status === 410) debt.copies = 0
      else if (isOk(exchange)) debt.copies = Math.max(0, debt.copies - 1)
    },
    reportedGone(uuid) {
      for (const debt of debts.values()) if (debt.uuid === uuid) debt.copies = 0
    },
    owed: () => [...debts.values()].filter((debt) => debt.copies > 0),
  }
}
