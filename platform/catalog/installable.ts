import type { Service } from './service.js'

/** Where the platform runs. On a localhost installation everyone is at home. */
export interface Installation {
  localhost: boolean
}

/**
 * Why this account may not have an add-on of the service, or null when it may. One sentence for the customer.
 * Source: RULES.md, section 9: alpha for its owner, beta and ga for all, shutdown for nobody.
 */
export function mayInstall(service: Service, accountId: string, installation: Installation): string | null {
  if (service.state === 'shutdown') {
    return `${service.humanName} is being shut down and takes no new customers. Choose another add-on.`
  }
  if (service.state === 'alpha' && service.ownerId !== accountId && !installation.localhost) {
    return `${service.humanName} is in alpha: only its owner can install it until it is in beta.`
  }
  return null
}

/** Whether the marketplace shows it to this person (null: nobody is signed in). */
export function maySee(
  service: Service,
  account: { id: string; isOperator: boolean } | null,
  installation: Installation,
): boolean {
  if (service.state !== 'alpha' || installation.localhost) return true
  return account !== null && (account.isOperator || account.id === service.ownerId)
}
