import type { IncomingMessage, ServerResponse } from 'node:http'

/** What can go wrong between us and a dyno, by Heroku's codes. Source: Dev Center, "Heroku Error Codes". */
export const failures = {
  H10: 'App crashed',
  H12: 'Request timeout',
  H13: 'Connection closed without response',
  H14: 'No web processes running',
  H15: 'Idle connection',
  H17: 'Poorly formatted HTTP response',
  H18: 'Server Request Interrupted',
  H27: 'Client Request Interrupted',
} as const

export type FailureCode = keyof typeof failures

/** A page for people, a sentence for programs. It says nothing about the app but that it failed: anyone may read it. */
export function answerFailure(req: IncomingMessage, res: ServerResponse, code: FailureCode, requestId: string): number {
  const wantsHtml = (req.headers.accept ?? '').includes('text/html')
  const body = wantsHtml ? page(code, requestId) : `Application error (${code}: ${failures[code]})\n`
  res.writeHead(503, {
    'Content-Type': `${wantsHtml ? 'text/html' : 'text/plain'}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-cache, no-store',
    'X-Request-Id': requestId,
    // What is left of the request's body is not read; the connection can't be used for another one.
    ...(req.complete ? {} : { Connection: 'close' }),
  })
  res.end(req.method === 'HEAD' ? undefined : body)
  return Buffer.byteLength(body)
}

const advice: Partial<Record<FailureCode, string>> = {
  H14: 'No web process is running. If this is your app, start one with <code>heroku ps:scale web=1</code>.',
  H12: 'The app took too long to answer.',
}

const page = (code: FailureCode, requestId: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Application error</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #f6f5f2; color: #26241f; font: 16px/1.5 system-ui, sans-serif }
  main { max-width: 30rem; margin: 1.5rem; padding: 2rem 2.25rem; background: #fff; border: 1px solid #e2dfd8; border-radius: 12px }
  h1 { margin: 0 0 .5rem; font-size: 1.4rem } p { margin: .5rem 0 } code { font-size: .9em }
  .small { margin-top: 1.25rem; color: #6b675e; font-size: .85rem; overflow-wrap: anywhere }
  @media (prefers-color-scheme: dark) { body { background: #1b1a18; color: #ece9e2 } main { background: #262421; border-color: #3a3733 } .small { color: #a8a399 } }
</style>
<main>
  <h1>Application error</h1>
  <p>${advice[code] ?? 'An error occurred in the application and this page could not be served.'}</p>
  <p>If this is your app, its log says more: <code>heroku logs --tail</code></p>
  <p class="small">${code} · request ${requestId}</p>
</main>
</html>
`
