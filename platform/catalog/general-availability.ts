import { inspectionDaysMax } from '@mortise/contract/platform-api/provider-portal'
import type { Db } from '../db/db.js'
import { newestInspection } from './inspection-store.js'
import type { Service } from './service.js'

/**
 * Why nothing shows yet that the service is fit for everybody's money, or null when its provider's report does: the newest
 * one, green, of the manifest that is in force, and not old. The report is the provider's word; the operator, who alone
 * moves a service on, may know better and give a reason.
 */
export async function missingForGa(db: Db, service: Service, at: Date): Promise<string | null> {
  const newest = await newestInspection(db, service.id)
  const next =
    'Its provider runs `mortise inspect --report`; or give a reason to go on without, which is put on record.'
  if (!newest) return `${service.humanName} was never inspected. ${next}`
  if (newest.manifestId !== service.manifestId) {
    return `The newest inspection of ${service.humanName} was of manifest ${newest.revision}, which is no longer in force. ${next}`
  }
  if (newest.failed > 0) {
    return `The newest inspection of ${service.humanName} failed ${newest.failed} of its checks. ${next}`
  }
  const days = Math.floor((at.getTime() - newest.createdAt.getTime()) / 86_400_000)
  if (days >= inspectionDaysMax) {
    return `The newest inspection of ${service.humanName} is ${days} days old; it may be ${inspectionDaysMax}. ${next}`
  }
  return null
}
