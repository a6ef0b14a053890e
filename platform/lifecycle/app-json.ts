import { isFields } from '@mortise/contract/manifest/fields'
import { buildpackOf } from '../builds/buildpack.js'

/** What an app.json asks for, as far as this platform has it. Source: Dev Center, "app.json Schema". */
export interface AppJson {
  /** Names and values; null where one has to be drawn (`"generator": "secret"`). */
  env: Record<string, string | null>
  addons: { plan: string; as: string | null; options: Record<string, string | boolean | number> }[]
  buildpacks: string[]
  formation: Record<string, { quantity?: number; size?: string }>
  stack: string | null
  postdeploy: string | null
  successUrl: string | null
}

export interface Overrides {
  env: Record<string, string>
  buildpacks: string[] | null
}

/** More of it than this is no description of an app. */
export const appJsonBytesMax = 256 * 1024
const entriesMax = 200

/**
 * Reads an app.json together with what the customer wrote over it. All that is wrong is told at once, each with its place.
 * What only Heroku's own products use (review apps, tests, images to show) is left aside.
 */
export function readAppJson(text: string, overrides: Overrides): { app: AppJson } | { errors: string[] } {
  let given: unknown
  try {
    given = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    return { errors: ['app.json is not valid JSON. Look for a missing quote, comma or brace.'] }
  }
  if (!isFields(given)) return { errors: ['app.json must be an object.'] }
  const errors: string[] = []
  const wrong = (place: string, words: string) => void errors.push(`${place} ${words}`)
  const objectAt = (name: string): Record<string, unknown> => {
    const value = given[name]
    if (value === undefined || value === null) return {}
    if (!isFields(value)) wrong(name, 'must be an object.')
    else if (Object.keys(value).length > entriesMax) wrong(name, `has more than ${entriesMax} entries.`)
    else return value
    return {}
  }
  const listAt = (name: string): unknown[] => {
    const value = given[name]
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) wrong(name, 'must be a list.')
    else if (value.length > entriesMax) wrong(name, `has more than ${entriesMax} entries.`)
    else return value
    return []
  }

  const env: AppJson['env'] = {}
  for (const [name, one] of Object.entries(objectAt('env'))) {
    const place = `env.${name}`
    const written = overrides.env[name]
    if (written !== undefined) env[name] = written
    else if (typeof one === 'string') env[name] = one
    else if (!isFields(one)) wrong(place, 'must be a text or an object.')
    else if (typeof one['value'] === 'string') env[name] = one['value']
    else if (one['generator'] === 'secret') env[name] = null
    else if (one['generator'] !== undefined) wrong(place, 'has a generator that is not "secret".')
    else if (one['value'] !== undefined && one['value'] !== null) wrong(place, 'needs a value that is a text.')
    else if (one['required'] !== false)
      wrong(place, `needs a value. Pass it in "overrides": {"env": {"${name}": "…"}}.`)
  }
  Object.assign(env, overrides.env)

  const addons: AppJson['addons'] = []
  for (const [at, one] of listAt('addons').entries()) {
    const plan = typeof one === 'string' ? one : isFields(one) ? one['plan'] : undefined
    const as = isFields(one) ? (one['as'] ?? null) : null
    const options = isFields(one) ? (one['options'] ?? {}) : {}
    const isPlain =
      isFields(options) &&
      Object.values(options).every((value) => ['string', 'number', 'boolean'].includes(typeof value))
    if (typeof plan !== 'string' || plan === '') wrong(`addons[${at}]`, 'must be a plan, or an object with one.')
    else if (as !== null && typeof as !== 'string') wrong(`addons[${at}].as`, 'must be a text.')
    else if (!isPlain) wrong(`addons[${at}].options`, 'must be an object of texts, numbers and booleans.')
    else addons.push({ plan, as: as as string | null, options: options as Record<string, string> })
  }

  const buildpacks: string[] = []
  const asked = overrides.buildpacks ?? listAt('buildpacks').map((one) => (isFields(one) ? one['url'] : one))
  for (const [at, one] of asked.entries()) {
    try {
      buildpacks.push(buildpackOf(typeof one === 'string' ? one : ''))
    } catch (error) {
      wrong(`buildpacks[${at}]`, `can't be used: ${(error as Error).message}`)
    }
  }

  const formation: AppJson['formation'] = {}
  for (const [type, one] of Object.entries(objectAt('formation'))) {
    const quantity = isFields(one) ? one['quantity'] : undefined
    const size = isFields(one) ? one['size'] : undefined
    if (!isFields(one)) wrong(`formation.${type}`, 'must be an object.')
    else if (quantity !== undefined && !(Number.isInteger(quantity) && Number(quantity) >= 0))
      wrong(`formation.${type}.quantity`, 'must be a number of dynos.')
    else if (size !== undefined && typeof size !== 'string') wrong(`formation.${type}.size`, 'must be a text.')
    else formation[type] = { quantity: quantity as number, size: size as string }
  }

  const { postdeploy: script } = objectAt('scripts')
  const postdeploy = isFields(script) ? script['command'] : script
  if (postdeploy !== undefined && postdeploy !== null && typeof postdeploy !== 'string')
    wrong('scripts.postdeploy', 'must be a command, or an object with one.')
  const textAt = (name: string) => {
    const value = given[name]
    if (value === undefined || value === null || typeof value === 'string') return value ?? null
    wrong(name, 'must be a text.')
    return null
  }
  const [stack, successUrl] = [textAt('stack'), textAt('success_url')]
  if (given['image'] !== undefined) wrong('image', 'asks for a container. Here an app is built from its source.')
  if (errors.length) return { errors }
  return { app: { env, addons, buildpacks, formation, stack, postdeploy: (postdeploy as string) || null, successUrl } }
}
