import type { FastifyReply } from 'fastify'

/** Where the style sheet of these pages is served; `page.css` beside this file. */
export const pageCssPath = '/sso/page.css'

/** A plain page made on the server, for people whom no script of ours has met yet. */
export interface PlainPage {
  status: number
  title: string
  /** HTML, already escaped: see `html`. */
  body: Html
  /** Sources beside the style sheet that the page may use, such as `form-action https://example.com`. */
  allow?: readonly string[]
  /** A script of ours, by path. */
  script?: string
}

/** Text that is safe to put into a page as it stands. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** Template of HTML in which each value is escaped, unless it is `Html` itself or a list of it. */
export function html(parts: TemplateStringsArray, ...values: (string | number | Html | readonly Html[])[]): Html {
  const spelled = values.map((value) => {
    if (value instanceof Html) return value.text
    return typeof value === 'object' ? value.map((one) => one.text).join('') : escaped(String(value))
  })
  return new Html(String.raw({ raw: parts }, ...spelled))
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
}

/** Sends the page with everything shut that it does not need. It is kept nowhere and tells nobody where it was. */
export function sendPage(reply: FastifyReply, page: PlainPage): FastifyReply {
  const allowed = [
    "default-src 'none'",
    "style-src 'self'",
    ...(page.script ? ["script-src 'self'"] : []),
    "base-uri 'none'",
    "frame-ancestors 'none'",
    ...(page.allow ?? ["form-action 'none'"]),
  ]
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${page.title}</title>
<link rel="stylesheet" href="${pageCssPath}">
${page.script ? html`<script src="${page.script}" defer></script>` : ''}
</head>
<body>
<main>
<h1>${page.title}</h1>
${page.body}
</main>
</body>
</html>
`
  return reply
    .code(page.status)
    .type('text/html; charset=utf-8')
    .header('Cache-Control', 'no-store')
    .header('Referrer-Policy', 'no-referrer')
    .header('X-Frame-Options', 'DENY')
    .header('Content-Security-Policy', allowed.join('; '))
    .send(whole.text)
}
