import { nouns, operations } from '@mortise/contract/documents/operations'
import type { Resource } from '@mortise/contract/documents/resources'
import { type Html, html } from '../http/page.js'
import { fieldTable } from './fields.js'
import { operationBlock } from './operation.js'

export const pageAddress = '/docs/api'

/** The whole API on one page: it is found with the browser's own search, and reads without any script. */
export function apiPage({ origin, version }: { origin: string; version: string }): string {
  const shown = nouns().filter(({ name }) => operations.some(({ noun }) => noun === name))
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mortise Platform API</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="${pageAddress}/api.css">
<script src="${pageAddress}/api.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the operations</a>
<header>
<p class="brand">Mortise Platform API <span class="version">${version}</span></p>
<div class="search" hidden>
<label for="search">Filter</label>
<input id="search" type="search" autocomplete="off" spellcheck="false" placeholder="addons, POST, config vars …" aria-describedby="found">
<p id="found" role="status"></p>
</div>
</header>
<div class="columns">
<nav aria-label="Nouns"><ul>${shown.map(({ name, title }) => html`<li><a href="#${name}">${title}</a></li>`)}</ul></nav>
<main id="content" tabindex="-1">
<h1>Platform API</h1>
${introduction(origin)}
${shown.map((resource) => chapter(resource, origin))}
</main>
</div>
</body>
</html>
`.text
}

function introduction(origin: string): Html {
  return html`<p>The API is at <code>${origin}</code>, in Heroku's words: a client made for the Heroku Platform API works here once it
is pointed at this address. Programs read the same as <a href="/openapi.json">OpenAPI 3.1</a> and as
<a href="/schema">JSON hyper-schema</a>.</p>
<dl class="conventions">
<dt>Version</dt><dd><code>Accept: application/vnd.heroku+json; version=3</code>, with any variant such as <code>3.sdk</code>.</dd>
<dt>Who asks</dt><dd><code>Authorization: Bearer TOKEN</code>, or Basic with the token as password.</dd>
<dt>Names</dt><dd>Wherever an address or a body names a thing, its id and its unique name mean the same.</dd>
<dt>Lists</dt><dd>Come in pages of 200. An answer of 206 carries <code>Next-Range</code>; send it back as <code>Range</code>.
Or ask: <code>Range: name a..m; max=50, order=desc</code>.</dd>
<dt>What was not changed</dt><dd><code>If-None-Match</code> with the <code>ETag</code> of a read is answered 304; a change with
<code>If-Match</code> happens only to what was read, or is answered 412.</dd>
<dt>Once</dt><dd>A POST with an <code>Idempotency-Key</code> is done once within a day, however often it is sent.</dd>
<dt>Errors</dt><dd><code>{"id": "not_found", "message": "Couldn't find that app.", "resource": "app"}</code>: the id is for programs,
the message says what to do next, and <code>Request-Id</code> finds it in the log.</dd>
</dl>`
}

function chapter(resource: Resource, origin: string): Html {
  const { name, title, description, stability, schema } = resource
  const fields = Object.keys((schema['properties'] ?? {}) as object).length
  return html`<section id="${name}" aria-labelledby="${name}-title">
<h2 id="${name}-title">${title}${stability === 'production' ? '' : html` <span class="stability">${stability}</span>`}</h2>
<p>${description}</p>
${fields ? html`<details class="shape"><summary>Fields of ${title}</summary>${fieldTable(schema, name, title)}</details>` : ''}
${operations.filter(({ noun }) => noun === name).map((operation) => operationBlock(operation, origin))}
</section>`
}
