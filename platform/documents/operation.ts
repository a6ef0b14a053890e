import { errorsOf, errorWords } from '@mortise/contract/documents/errors-of'
import { exampleOf } from '@mortise/contract/documents/example'
import type { Operation } from '@mortise/contract/documents/operations'
import { resourceOf } from '@mortise/contract/documents/resources'
import { errorStatus } from '@mortise/contract/errors'
import type { Route } from '@mortise/contract/route'
import type { TSchema } from '@sinclair/typebox'
import { type Html, html } from '../http/page.js'
import { fieldTable, typeWords } from './fields.js'

/** One operation: what it does, what it takes, what it answers, how it is asked with curl, and what can go wrong. */
export function operationBlock(operation: Operation, origin: string): Html {
  const { id, route, title, description, parameters, noun } = operation
  const anchor = id.replace('.', '-')
  const query = Object.keys((route.query?.['properties'] ?? {}) as object)
  return html`<details class="operation" id="${anchor}">
<summary><span class="method ${route.method.toLowerCase()}">${route.method}</span> <code class="path">${route.path.replace(/:([a-z_]+)/g, '{$1}')}</code> <span class="title">${title}</span></summary>
<p>${description}</p>
<dl>
<dt>Permission</dt><dd>${permissionWords(route)}</dd>
<dt>Scope</dt><dd><code>${route.scope}</code></dd>
${parameters.map(({ name, description }) => html`<dt><code>{${name}}</code></dt><dd>${description}</dd>`)}
${query.length ? html`<dt>Query</dt><dd>${query.map((name) => html`<code>${name}</code> `)}</dd>` : ''}
${route.list ? html`<dt>Ordered by</dt><dd>${route.list.fields.map((name) => html`<code>${name}</code> `)}</dd>` : ''}
</dl>
${route.body ? html`<h3>Body</h3>${shape(route.body, noun, `Body of ${title}`)}` : ''}
<h3>Answer: ${route.status}</h3>
${answer(route, noun, title)}
<h3>Example</h3>
${code(curl(operation, origin), `Request: ${title}`)}
${code(JSON.stringify(exampleOf(route.answer, noun), null, 2), `Answer: ${title}`)}
<h3>Errors</h3>
<ul class="errors">${errorsOf(route).map((one) => html`<li><code>${errorStatus[one]} ${one}</code> ${errorWords[one]}</li>`)}</ul>
</details>`
}

const code = (text: string, label: string) =>
  html`<pre tabindex="0" role="region" aria-label="${label}"><code>${text}</code></pre>`

function shape(schema: TSchema, noun: string, caption: string): Html {
  const hasFields = Object.keys((schema['properties'] ?? schema['patternProperties'] ?? {}) as object).length > 0
  return hasFields ? fieldTable(schema, noun, caption) : html`<p>An empty object.</p>`
}

function answer(route: Route, noun: string, title: string): Html {
  const of = (route.answer['type'] === 'array' ? route.answer['items'] : route.answer) as TSchema
  if (resourceOf(of) || of !== route.answer) return html`<p>${typeWords(route.answer)}.</p>`
  return shape(route.answer, noun, `Answer of ${title}`)
}

function permissionWords({ permission }: Route): Html {
  if (permission === 'anyone') return html`none is needed`
  return html`<code>${permission}</code>`
}

/** A request that works once the names in it are one's own. */
function curl({ route, parameters, noun }: Operation, origin: string): string {
  const path = route.path.replace(/:([a-z_]+)/g, (_, name: string) => {
    const place = parameters.find((one) => one.name === name)
    const example = exampleOf({ type: 'string' } as unknown as TSchema, place?.noun, place?.fields.at(-1))
    return encodeURIComponent(String(example))
  })
  const lines = [
    `curl ${route.method === 'GET' ? '' : `-X ${route.method} `}${origin}${path}`,
    `-H "Accept: application/vnd.heroku+json; version=3"`,
    ...(route.permission === 'anyone' ? [] : [`-H "Authorization: Bearer $TOKEN"`]),
    ...(route.body
      ? [
          `-H "Content-Type: application/json"`,
          `-d '${JSON.stringify(exampleOf(route.body, noun)).replaceAll("'", "'\\''")}'`,
        ]
      : []),
  ]
  return lines.join(' \\\n  ')
}
