import type { Resource } from '@mortise/provider/resource'
import type { Session } from '@mortise/provider/session'
import type { Measure, Table } from './limits.js'
import { planNamed, sizeText } from './plans.js'

export interface Dashboard {
  session: Session
  resource: Resource
  measure: Measure | null
  tables: Table[]
  /** Origin of the platform, whose header the page carries. */
  platform: string
}

/**
 * The page behind single sign-on. There is nothing on it that belongs to an account: whoever is here has none with
 * us, only the platform's word for this one database.
 */
export function dashboardPage({ session, resource, measure, tables, platform }: Dashboard): string {
  const plan = planNamed(resource.plan)
  const title = resource.name ?? 'Database'
  const body = measure
    ? `${limitNotice(measure, plan.sizeBytesMax)}
      <section class="cards">
        ${usage('Storage', measure.sizeBytes, plan.sizeBytesMax, sizeText)}
        ${usage('Connections', measure.connections, plan.connectionsMax, String)}
      </section>
      <section>
        <h2>Tables</h2>
        ${tableList(tables)}
      </section>`
    : '<p class="notice">The database is not there yet. Look again in a moment.</p>'
  const nav = `<link rel="stylesheet" href="${safe(platform)}/nav/v1/header.css">
    <script src="${safe(platform)}/nav/v1/header.js" data-app="${safe(session.app)}" data-addon="${safe(session.addon)}" defer></script>`
  return page(
    `${title} · Mortise PostgreSQL`,
    nav,
    `<header>
        <p class="kicker">Mortise PostgreSQL</p>
        <h1>${safe(title)}</h1>
        <dl class="facts">
          <div><dt>App</dt><dd>${safe(session.app)}</dd></div>
          <div><dt>Plan</dt><dd>${safe(plan.human_name)}</dd></div>
          <div><dt>State</dt><dd>${safe(resource.state)}</dd></div>
          <div><dt>Resource</dt><dd><code>${safe(resource.uuid)}</code></dd></div>
        </dl>
      </header>
      ${body}
      <footer>${session.email ? `Signed on through the platform as ${safe(session.email)}.` : 'Signed on through the platform.'}</footer>`,
  )
}

/** For everyone whom the platform did not send here lately. Says nothing about what exists. */
export function forbiddenPage(): string {
  return page(
    'Sign on through the platform',
    '',
    `<header><p class="kicker">Mortise PostgreSQL</p><h1>Sign on through the platform</h1></header>
      <p>This page opens from your app: choose the add-on on the app's page, or run <code>heroku addons:open</code>.
      If you were here a while ago, your session has ended, or another database was opened since.</p>`,
  )
}

function page(title: string, head: string, main: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${safe(title)}</title>
    <link rel="stylesheet" href="/dashboard.css">
    ${head}
  </head>
  <body>
    <main>
      ${main}
    </main>
  </body>
</html>
`
}

function usage(label: string, used: number, max: number, text: (value: number) => string): string {
  const id = label.toLowerCase()
  const percent = Math.round((used / max) * 100)
  // <meter> needs no inline style, which the page's own policy would refuse.
  return `<div class="card">
          <h2 id="${id}">${label}</h2>
          <p class="amount"><strong>${text(used)}</strong> of ${text(max)}</p>
          <meter aria-labelledby="${id}" min="0" max="${max}" low="${max * 0.75}" high="${max * 0.9}" optimum="0" value="${Math.min(used, max)}">${percent}%</meter>
          <p class="quiet">${percent}% used</p>
        </div>`
}

function limitNotice({ limitState }: Measure, sizeBytesMax: number): string {
  const room = sizeText(sizeBytesMax)
  if (limitState === 'stopped') {
    return `<p class="notice bad" role="status"><strong>Log-in is off.</strong> The database is more than twice as large as
      the plan's ${room}. Change to a larger plan, and it is on again at once.</p>`
  }
  if (limitState === 'read_only') {
    return `<p class="notice bad" role="status"><strong>Read-only.</strong> The database is larger than the plan's ${room}.
      Change to a larger plan, or delete data: <code>begin read write; truncate …; commit;</code></p>`
  }
  return ''
}

function tableList(tables: Table[]): string {
  if (!tables.length) return '<p class="quiet">No tables yet.</p>'
  const rows = tables.map(
    ({ name, sizeBytes, rows }) =>
      `<tr><th scope="row"><code>${safe(name)}</code></th><td>${rows === null ? '–' : rows.toLocaleString('en-US')}</td><td>${sizeText(sizeBytes)}</td></tr>`,
  )
  return `<div class="scroll"><table>
          <thead><tr><th scope="col">Table</th><th scope="col">Rows, about</th><th scope="col">Size</th></tr></thead>
          <tbody>${rows.join('\n')}</tbody>
        </table></div>`
}

/** For text between tags and inside quotes. */
function safe(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
