import type { Plan, Service } from './service.js'

/** Where the platform runs. On a localhost installation everyone is at home. */
export interface Installation {
  localhost: boolean
}

/** Ids of what somebody was given passes for. */
export interface Passes {
  /** Services that any of the passes is about. */
  touched: ReadonlySet<string>
  /** Passes for a service: while it is in alpha, with the plans that are for all there. */
  services: ReadonlySet<string>
  plans: ReadonlySet<string>
}

export const noPasses: Passes = { touched: new Set(), services: new Set(), plans: new Set() }

/**
 * Why this account may not order the plan, or null when it may. One sentence for the customer.
 * Source: RULES.md, section 9: alpha for its owner and the invited, beta and ga for all, shutdown for nobody. A plan that
 * is deprecated takes nobody new, also on a localhost installation: it is about the plan's life, not about who is let in.
 */
export function mayInstall(
  service: Service,
  plan: Plan,
  accountId: string,
  installation: Installation,
  passes: Passes,
): string | null {
  const hasPass = passes.plans.has(plan.id)
  if (service.state === 'shutdown') {
    return `${service.humanName} is being shut down and takes no new customers. Choose another add-on.`
  }
  if (plan.state === 'deprecated' && !hasPass) return deprecated(plan)
  const isInvited = hasPass || passes.services.has(service.id)
  if (service.state === 'alpha' && service.ownerId !== accountId && !installation.localhost && !isInvited) {
    return `${service.humanName} is in alpha: only its owner, and whom the owner gave a pass, can install it until it is in beta.`
  }
  return null
}

/** Whoever left the plan is as new to it as anybody. */
export function deprecated(plan: Plan): string {
  return `The plan ${plan.fullName} is deprecated: who has it keeps it, and nobody can order it or move to it any more. See the others with addons:plans ${plan.serviceName}; only its provider can make an exception, by a pass.`
}

type Viewer = { id: string; isOperator: boolean } | null

/** Whether the marketplace shows the service to this person (null: nobody is signed in). */
export function maySee(service: Service, account: Viewer, installation: Installation, passes: Passes): boolean {
  if (service.state !== 'alpha' || installation.localhost || passes.touched.has(service.id)) return true
  return isOwn(service, account)
}

/**
 * Whether the plan is there for this person, who sees the service: whoever names a hidden plan knows of it, but one for
 * invited people is a secret.
 */
export function mayKnow(
  plan: Plan,
  service: Service,
  account: Viewer,
  installation: Installation,
  passes: Passes,
): boolean {
  if (isOwn(service, account) || passes.plans.has(plan.id)) return true
  if (plan.state === 'invite_only') return installation.localhost
  // With a pass for one plan of a service in alpha, the others are as unknown as the service is without it.
  return service.state !== 'alpha' || installation.localhost || passes.services.has(service.id)
}

/** Whether the plan is among those that the marketplace lists for this person. */
export function isListed(
  plan: Plan,
  service: Service,
  account: Viewer,
  installation: Installation,
  passes: Passes,
): boolean {
  if (isOwn(service, account) || passes.plans.has(plan.id)) return true
  const isOnOffer = plan.visible && plan.state !== 'hidden' && plan.state !== 'deprecated'
  return isOnOffer && mayKnow(plan, service, account, installation, passes)
}

const isOwn = (service: Service, account: Viewer) =>
  account !== null && (account.isOperator || account.id === service.ownerId)
