import { resourceOf } from '@mortise/contract/documents/resources'
import { wordsFor } from '@mortise/contract/documents/words'
import { uuidPattern } from '@mortise/contract/identity'
import { Timestamp } from '@mortise/contract/platform-api/shared'
import type { TSchema } from '@sinclair/typebox'
import { type Html, html } from '../http/page.js'

/** The fields of a shape as a table: name, kind, words. One level of what is inside is shown as `app.name`. */
export function fieldTable(schema: TSchema, noun: string, caption: string): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}: fields"><table>
<thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${rowsOf(schema, noun, '')}</tbody></table></div>`
}

function rowsOf(schema: TSchema, noun: string, before: string): Html[] {
  const required = new Set((schema['required'] ?? []) as string[])
  const fields = Object.entries((schema['properties'] ?? {}) as Record<string, TSchema>)
  const patterns = Object.values((schema['patternProperties'] ?? {}) as Record<string, TSchema>)
  if (fields.length === 0 && patterns[0]) return [row('NAME', patterns[0], noun, '[name]', true)]
  return fields.flatMap(([field, one]) => {
    const name = `${before}${field}`
    const inner = withFields(one)
    return [
      row(name, one, noun, field, required.has(field)),
      ...(inner && before === '' && !resourceOf(inner) ? rowsOf(inner, field, `${name}.`) : []),
    ]
  })
}

function row(name: string, schema: TSchema, noun: string, field: string, isRequired: boolean): Html {
  return html`<tr><th scope="row"><code>${name}</code></th><td>${typeWords(schema)}${isRequired ? '' : html` <span class="optional">may be left out</span>`}</td><td>${wordsFor(noun, field)}</td></tr>`
}

function withFields(schema: TSchema): TSchema | undefined {
  if (schema['properties']) return schema
  const either = (schema['anyOf'] ?? []) as TSchema[]
  const only = either.filter(({ type }) => type !== 'null')
  if (only.length === 1 && only[0]) return withFields(only[0])
  return schema['type'] === 'array' ? withFields(schema['items'] as TSchema) : undefined
}

/** `uuid`, `list of strings`, `"a" or "b"`, `string or null`. */
export function typeWords(schema: TSchema): Html {
  const resource = resourceOf(schema)
  if (resource) return html`<a href="#${resource.name}">${resource.title}</a>`
  if ('const' in schema) return html`<code>${JSON.stringify(schema['const'])}</code>`
  const either = schema['anyOf'] as TSchema[] | undefined
  if (either) {
    const kinds = new Map(either.map((one) => [typeWords(one).text, typeWords(one)]))
    return joinedBy([...kinds.values()])
  }
  switch (schema['type']) {
    case 'array':
      return html`list of ${typeWords((schema['items'] ?? {}) as TSchema)}`
    case 'string':
      if (schema['pattern'] === uuidPattern) return html`uuid`
      if (schema['pattern'] === Timestamp['pattern']) return html`time`
      return html`string${limits(schema)}`
    case undefined:
      return html`any`
    default:
      return html`${String(schema['type'])}`
  }
}

function limits(schema: TSchema): string {
  const most = schema['maxLength'] as number | undefined
  return most === undefined ? '' : `, at most ${most} characters`
}

function joinedBy(kinds: readonly Html[]): Html {
  const [first, ...rest] = kinds
  return first ? rest.reduce((all, one) => html`${all} or ${one}`, first) : html`any`
}
