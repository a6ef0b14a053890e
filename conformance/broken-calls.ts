/** The platform, as a small provider calls it. */
export interface Called {
  /** With the token of the grant, at the add-on's own address. */
  call(method: string, path: string, body?: unknown): Promise<Response>
}

/** Trades the grant of a provision request, as real providers do, or with something wrong in it. */
export async function trade(asked: Record<string, unknown>, wrong: Record<string, string> = {}): Promise<Called> {
  const callback = String(asked.callback_url)
  const { code = '' } = asked.oauth_grant as { code?: string }
  const fields = { grant_type: 'authorization_code', code, client_secret: 'shared-secret', ...wrong }
  const traded = await fetch(`${new URL(callback).origin}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  })
  const { access_token: token } = (await traded.json()) as { access_token?: string }
  return {
    call: (method, path, body) =>
      fetch(`${callback}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  }
}
