import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'

// The published hyper-schema of the API says little by itself: most properties may be missing and others may be there.
// A strict copy is made of it: each listed property is there, and nothing but them and the extras named below.

/** Where a copy of the published schema may lie: beside the checkout, never in it. */
const places = ['../../shared/reference/heroku-schema.json', '../../../shared/reference/heroku-schema.json']

export function schemaFile(): string | undefined {
  const given = process.env['MORTISE_HYPER_SCHEMA']
  const all = given ? [given] : places.map((place) => fileURLToPath(new URL(place, import.meta.url)))
  return all.find((file) => fs.existsSync(file))
}

type Schema = Record<string, unknown> & { properties?: Record<string, Schema>; items?: Schema; type?: string[] }
interface Definition extends Schema {
  definitions?: Record<string, Schema>
  links?: { method: string; href: string; targetSchema?: Schema }[]
}

/** Ours, or seen from the real API though its schema does not list them: `definition.path` → names. */
const extras: Record<string, string> = {
  app: 'kind acknowledged_version create_status joined locked',
  'team-app': 'acm build_stack create_status generation kind acknowledged_version organization id',
  'team-app.team': 'id',
  'add-on-service': 'description categories config_vars config_vars_prefix docs_url icon_url support_url options inspection lowest_price plan_count provider regions',
  'add-on.addon_service': '*',
  'add-on.plan': '*',
  'add-on-attachment': 'config_vars',
  'add-on-attachment.addon': 'plan',
  'add-on-region-capability.addon_service': '*',
  plan: 'features regions',
  'plan.price': 'metered',
  'add-on.billed_price': 'metered',
  release: 'message',
  build: 'message',
  'build.slug': 'size',
  'sni-endpoint.ssl_cert': 'acm',
  'team-member.user': '*',
  // Its place in the order of deliveries, by which clients page.
  'app-webhook-delivery': 'seq',
  'add-on-webhook-delivery': 'seq',
}
/** Not in our answers, since the thing does not exist here and the API leaves it out as well. */
const optional: Record<string, string> = {
  build: 'generation',
  'team-app': 'joined',
}
/** Values that only Heroku's own installation can have, and a hostname, whose format (uri) none of theirs has either. */
const unbound = [
  'domain.hostname',
  'app.git_url',
  'app.web_url',
  'team-app.git_url',
  'team-app.web_url',
  'region.provider.region',
]

export interface HyperSchema {
  /** What is wrong with the answer of a successful request; undefined when the schema has no such link. */
  faultsOf(method: string, path: string, body: unknown): string[] | undefined
}

export function strictSchema(file: string): HyperSchema {
  const schema = JSON.parse(fs.readFileSync(file, 'utf8')) as Schema & { definitions: Record<string, Definition> }
  delete schema['$schema']
  delete schema['id']
  const { definitions } = schema
  for (const [name, definition] of Object.entries(definitions)) {
    delete definition['$schema']
    if (typeof definition['id'] === 'string') delete definition['id']
    tighten(definition, name)
  }
  // Deprovisioning is a state that clients wait for.
  const state = definitions['add-on']?.definitions?.['state']
  if (Array.isArray(state?.['enum'])) state['enum'].push('deprovisioning')

  const ajv = new Ajv({ strict: false, unicodeRegExp: false, allErrors: true })
  ;(formats as unknown as { default: (of: Ajv) => void }).default(ajv)
  ajv.addSchema(schema, 'h')
  const compiled = new Map<Schema, ValidateFunction>()
  const links = Object.entries(definitions).flatMap(([name, { links = [] }]) =>
    links.map((link, index) => {
      const pattern = link.href
        .replace(/\{[^}]*\}/g, '{}')
        .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
        .replaceAll('{}', '[^/]+')
      const reference = `h#/definitions/${name}/links/${index}/targetSchema`
      return { ...link, path: new RegExp(`^${pattern}$`), isExact: !link.href.includes('{'), reference }
    }),
  )

  return {
    faultsOf(method, path, body) {
      const found = links.filter((link) => link.method === method && link.path.test(path))
      const link = found.find((one) => one.isExact) ?? found[0]
      if (!link?.targetSchema) return undefined
      let validate = compiled.get(link.targetSchema)
      if (!validate) {
        validate = ajv.compile({ $ref: link.reference })
        compiled.set(link.targetSchema, validate)
      }
      if (validate(body)) return []
      return (validate.errors ?? []).map((error) => {
        const extra = (error.params as { additionalProperty?: string }).additionalProperty
        return `${error.instancePath} ${error.message}${extra ? ` (${extra})` : ''}`
      })
    },
  }
}

function tighten(schema: Schema, at: string): void {
  if (unbound.includes(at)) {
    for (const key of Object.keys(schema)) delete schema[key]
    return
  }
  if (schema.properties) {
    const missing = (optional[at] ?? '').split(' ')
    schema['required'] = Object.keys(schema.properties).filter((name) => !missing.includes(name))
    for (const [name, property] of Object.entries(schema.properties)) {
      const isReplaced = unbound.includes(`${at}.${name}`)
      if (isReplaced) schema.properties[name] = { type: ['null', 'string'] }
      else tighten(property, `${at}.${name}`)
    }
    const more = extras[at] ?? ''
    if (more === '*') {
      delete schema['additionalProperties']
    } else {
      for (const name of more.split(' ').filter(Boolean)) schema.properties[name] ??= {}
      schema['additionalProperties'] = false
    }
  }
  if (schema.items) tighten(schema.items, at)
}
