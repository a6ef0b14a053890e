import type { Report } from './report.js'

/** Milliseconds to wait for the platform. */
const answerMs = 30_000

/**
 * Hands a report to the platform where the service is published, for its portal and the marketplace. Only how each check
 * went is told; nothing of what was sent or received leaves this machine. May be repeated: each is a report of its own.
 * @param platform its address
 * @param apiKey of the service's owner
 * @throws Error with a sentence
 */
export async function handIn(report: Report, slug: string, platform: string, apiKey: string): Promise<void> {
  const checks = report.checks.map(({ id, title, status, reason, advice }) => ({
    advice: advice.slice(0, 2_000),
    id,
    reason: reason.slice(0, 4_000),
    status,
    title,
  }))
  const at = `${platform.replace(/\/+$/, '')}/api/v3/addons/${encodeURIComponent(slug)}/inspections`
  const response = await fetch(at, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(answerMs),
    headers: { authorization: `Bearer ${apiKey}`, accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ checks }),
  }).catch((cause: Error) => {
    const why = (cause.cause as Error | undefined)?.message ?? cause.message
    throw new Error(`The report was not handed in: ${platform} was not reached (${why}).`)
  })
  if (response.ok) return
  const { message } = (await response.json().catch(() => ({}))) as { message?: string }
  throw new Error(`The report was not handed in: ${message ?? `${platform} answered ${response.status}.`}`)
}
