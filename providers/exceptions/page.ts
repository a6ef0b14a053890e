import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Resource, Session } from '@mortise/provider/serve'
import type { Exception } from './journal.js'
import { planNamed } from './manifest.js'

export interface Shown {
  session: Session
  resource: Resource
  exceptions: Exception[]
  platform: string
  now: Date
}

/**
 * The page behind single sign-on, under the platform's header. Whoever is here has no account with us, so there is no
 * password to change, no bill and no log out.
 */
export function exceptionsPage({ session, resource, exceptions, platform, now }: Shown): string {
  const plan = planNamed(resource.plan)
  const nav = `<link rel="stylesheet" href="${safe(platform)}/nav/v1/header.css">
    <script src="${safe(platform)}/nav/v1/header.js" data-app="${safe(session.app)}" data-addon="${safe(session.addon)}" defer></script>`
  const list = exceptions.length
    ? `<ol class="exceptions">${exceptions.map((each) => item(each, now)).join('')}</ol>`
    : `<div class="empty"><p><strong>Nothing unexpected yet.</strong></p>
        <p>Send the first one from a dyno of ${safe(session.app)}:</p>
        <pre tabindex="0">curl -X POST "$EXCEPTIONS_URL" \\
  -H "Authorization: Bearer $EXCEPTIONS_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"type": "Error", "message": "It works"}'</pre></div>`
  return page(
    `${resource.name ?? 'Exceptions'} · Mortise Exceptions`,
    nav,
    `<header><p class="kicker">Mortise Exceptions</p><h1>${safe(resource.name ?? 'Exceptions')}</h1>
        <p class="quiet">${safe(session.app)} · ${safe(plan.human_name)} keeps the newest ${plan.keptMax.toLocaleString('en-US')}</p></header>
      ${list}`,
  )
}

/** For everyone whom the platform did not send here lately. Says nothing about what exists. */
export function forbiddenPage(): string {
  return page(
    'Sign on through the platform',
    '',
    `<header><p class="kicker">Mortise Exceptions</p><h1>Sign on through the platform</h1></header>
      <p>This page opens from your app: choose the add-on there. If you were here a while ago, your session has ended.</p>`,
  )
}

export function sendPage(res: ServerResponse, status: number, platform: string, html: string): true {
  res.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    // Scripts come from the platform's header only.
    'content-security-policy': `default-src 'none'; script-src ${platform}; style-src 'self' ${platform}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  res.end(html)
  return true
}

export function sendAsset(res: ServerResponse, name: string): true {
  const text = readFileSync(new URL(`./${name}`, import.meta.url))
  res.writeHead(200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=3600' }).end(text)
  return true
}

function item({ at, type, message, stack }: Exception, now: Date): string {
  const head = `<span class="type">${safe(type)}</span> <span class="message">${safe(message)}</span>
    <time datetime="${safe(at)}">${ago(new Date(at), now)}</time>`
  if (!stack) return `<li><p>${head}</p></li>`
  return `<li><details><summary>${head}</summary><pre tabindex="0">${safe(stack)}</pre></details></li>`
}

function ago(at: Date, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - at.getTime()) / 60_000))
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h ago`
  return `${Math.round(minutes / 60 / 24)} days ago`
}

function page(title: string, head: string, main: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${safe(title)}</title>
    <link rel="stylesheet" href="/style.css">
    ${head}
  </head>
  <body><main>${main}</main></body>
</html>
`
}

/** For text between tags and inside quotes. */
function safe(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
