/**
 * DELETE <base_url>/<id> has no body either way, only a status. What each one means to the platform is
 * decided in its table of answers; these names are for providers and inspectors.
 */
export const deprovisionStatus = {
  /** The resource is gone. v3's word; v1 says 200. */
  gone: 204,
  /** It was gone already, or never was: counts as success. */
  alreadyGone: 410,
  /** It will be gone; the provider calls actions/deprovision when it is. Source: Dev Center, asynchronous deprovisioning (2023). */
  later: 202,
} as const

/** Hours the platform waits after 202 before it ends the customer's side alone. Source: Partner MCP notes of Dev Center (2026). */
export const deprovisioningHoursMax = 12
