import { platformAnswerMs } from './platform.js'
import type { Service } from './service.js'

/** How much of a unit one resource used in an hour. */
export interface Usage {
  uuid: string
  /** The name of the meter, such as `requests`. */
  unit: string
  quantity: number
}

/** What the platform made of one line. A repeat of the same hour, resource and unit is rejected, and that is fine. */
export interface UsageOutcome extends Usage {
  status: 'accepted' | 'rejected'
  errors: string[]
}

interface BatchAnswer {
  usages?: {
    quantity: number
    resource?: { id?: string }
    unit?: { name?: string }
    status?: string
    errors?: unknown
  }[]
}

/**
 * Reports what resources used in one hour. May be repeated: what was taken is not counted twice.
 * @param hour any moment in it; it must be over
 * @throws Error when the platform did not take the batch
 */
export async function reportUsage(
  api: string,
  { id, passwords }: Service,
  hour: Date,
  usages: readonly Usage[],
): Promise<UsageOutcome[]> {
  const url = `${api.replace(/\/+$/, '')}/api/v3/addons/${encodeURIComponent(id)}/usage_batches`
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(platformAnswerMs),
    headers: {
      accept: 'application/json',
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${id}:${passwords[0]}`).toString('base64')}`,
    },
    body: JSON.stringify({
      timestamp: `${hour.toISOString().slice(0, 13)}:00:00Z`,
      usages: usages.map(({ uuid, unit, quantity }) => ({ quantity, resource: { id: uuid }, unit: { name: unit } })),
    }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`The platform did not take the usage (${response.status}): ${text.slice(0, 300)}`)
  const answer = JSON.parse(text) as BatchAnswer
  return (answer.usages ?? []).map(({ quantity, resource, unit, status, errors }) => ({
    uuid: resource?.id ?? '',
    unit: unit?.name ?? '',
    quantity,
    status: status === 'accepted' ? 'accepted' : 'rejected',
    errors: [errors ?? []].flat().map(String),
  }))
}
