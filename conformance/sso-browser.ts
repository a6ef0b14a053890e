import type { Exchange, Question } from './exchange.js'
import { statusOf } from './exchange.js'
import type { Inspection } from './inspection.js'

/** Redirects that are followed before it is called a circle. */
const redirectsMax = 6

export interface Visit {
  /** All requests in order; the last is the page, or where it ended. */
  exchanges: Exchange[]
  last: Exchange
  /** Set-Cookie lines of the provider's own host, as they came. */
  cookies: string[]
}

/** Opens the provider's dashboard with a form, as the customer's browser does. @param follow whether redirects are followed */
export async function signOn(it: Inspection, form: Record<string, string>, follow = false): Promise<Visit> {
  const cookies: string[] = []
  const exchanges: Exchange[] = []
  let question: Question | null = questionOf(it, form)
  const { host } = new URL(question.url)
  while (question && exchanges.length <= redirectsMax) {
    const exchange: Exchange = await it.sender.send(question)
    exchanges.push(exchange)
    it.exchanges.sso.push(exchange)
    if (new URL(question.url).host === host) cookies.push(...[exchange.answer?.headers['set-cookie'] ?? []].flat())
    question = follow ? nextOf(exchange, host, cookies) : null
  }
  const last = exchanges.at(-1) as Exchange
  return { exchanges, last, cookies }
}

/** The first generation signs on by GET below base_url, later ones by POST of a form. */
function questionOf(it: Inspection, form: Record<string, string>): Question {
  const { endpoint, isV3 } = it
  const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'
  if (endpoint.sso_method === 'get') {
    // The id is in the path, so the query goes without it. Source: kensa 3.1.0.
    const { id = '', ...query } = form
    const pathId = isV3 ? (form.resource_id ?? id) : id
    const url = `${endpoint.base_url}/${encodeURIComponent(pathId)}?${new URLSearchParams(query)}`
    return { method: 'GET', url, headers: { accept } }
  }
  return {
    method: 'POST',
    url: endpoint.sso_url ?? endpoint.base_url,
    headers: { accept, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  }
}

function nextOf({ question, answer }: Exchange, host: string, cookies: string[]): Question | null {
  const location = [answer?.headers.location ?? []].flat()[0]
  if (!answer || !location || ![301, 302, 303, 307, 308].includes(answer.status)) return null
  if (!URL.canParse(location, question.url)) return null
  const url = new URL(location, question.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  const jar = new Map(
    cookies.map((line) => [line.slice(0, line.indexOf('=')).trim(), line.split(';')[0]?.trim() ?? '']),
  )
  const cookie = [...jar.values()].join('; ')
  const headers = {
    accept: question.headers.accept ?? '*/*',
    // Cookies are for the host that set them.
    ...(cookie && url.host === host ? { cookie } : {}),
  }
  if (answer.status < 307 || question.method === 'GET') return { method: 'GET', url: url.href, headers }
  const type = question.headers['content-type']
  return { ...question, url: url.href, headers: { ...headers, ...(type ? { 'content-type': type } : {}) } }
}

/** Whether somebody is signed on, or on the way: 2xx, or a redirect. */
export function isLetIn({ last }: Visit): boolean {
  const status = statusOf(last)
  return status >= 200 && status < 400
}
