/** Where a sign-on ended. */
export interface SignedOn {
  /** Status of each answer on the way. */
  statuses: number[]
  /** Address of the last page. */
  url: string
  title: string | null
}

const redirectsMax = 6

/** Opens the provider's page as the customer's browser does: the form, then redirects, with the cookies of its host. */
export async function signOnAsBrowser(form: {
  method: string
  action: string
  params: Record<string, string>
}): Promise<SignedOn> {
  const params = new URLSearchParams(form.params)
  const isPost = form.method.toLowerCase() === 'post'
  const host = new URL(form.action).host
  const jar = new Map<string, string>()
  const statuses: number[] = []
  let url = isPost ? form.action : `${form.action}?${params}`
  let body: URLSearchParams | undefined = isPost ? params : undefined
  for (;;) {
    const cookie = [...jar.values()].join('; ')
    const answer = await fetch(url, {
      method: body ? 'POST' : 'GET',
      redirect: 'manual',
      signal: AbortSignal.timeout(30_000),
      headers: { accept: 'text/html', ...(cookie && new URL(url).host === host ? { cookie } : {}) },
      ...(body ? { body } : {}),
    })
    const text = await answer.text()
    statuses.push(answer.status)
    for (const line of answer.headers.getSetCookie()) {
      const pair = line.split(';')[0] ?? ''
      jar.set(pair.split('=')[0] ?? '', pair)
    }
    const location = answer.headers.get('location')
    if (!location || answer.status < 300 || answer.status >= 400 || statuses.length > redirectsMax) {
      return { statuses, url, title: /<title>([^<]*)/i.exec(text)?.[1]?.trim() ?? null }
    }
    url = new URL(location, url).href
    body = undefined
  }
}
