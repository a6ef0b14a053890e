import { type Fields, isFields, textOf } from './fields.js'
import { plainText } from './plain-text.js'

/** One option that a customer may give when an add-on is created. */
export interface Option {
  name: string
  title: string
  description: string
  type: 'string' | 'number' | 'integer' | 'boolean'
  /** What may be chosen; empty when it is free. */
  choices: string[]
  default: string | null
  isRequired: boolean
  minimum: number | null
  maximum: number | null
  lengthMax: number | null
}

/** More would be a form that nobody fills in. */
export const optionsMax = 30
const types = ['string', 'number', 'integer', 'boolean'] as const
const rootWords = ['$schema', 'type', 'title', 'description', 'properties', 'required', 'additionalProperties']
const optionWords = ['type', 'title', 'description', 'default', 'enum', 'minimum', 'maximum', 'maxLength', 'examples']

const isType = (value: unknown): value is Option['type'] => types.some((type) => type === value)
const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

/** The options that a schema declares, in its order; what is not understood is left out. `checkOptions` says what that is. */
export function readOptions(schema: unknown): Option[] {
  if (!isFields(schema) || !isFields(schema.properties)) return []
  const required = Array.isArray(schema.required) ? schema.required : []
  return Object.entries(schema.properties)
    .slice(0, optionsMax)
    .flatMap(([name, one]) => {
      if (!isFields(one) || !isType(one.type) || !isOptionName(name)) return []
      return {
        name,
        title: plainText(textOf(one.title) ?? titleOf(name), 100),
        description: plainText(textOf(one.description) ?? '', 500),
        type: one.type,
        choices: Array.isArray(one.enum) ? one.enum.filter(isPlain).map(String) : [],
        default: isPlain(one.default) ? String(one.default) : null,
        isRequired: required.includes(name),
        minimum: numberOf(one.minimum),
        maximum: numberOf(one.maximum),
        lengthMax: numberOf(one.maxLength),
      }
    })
}

/**
 * What keeps a schema of options from being published: it is a small part of JSON Schema, so that a form can be made of it and
 * every client says the same of a wrong value.
 */
export function* checkOptions(schema: Fields): Generator<string> {
  if (schema.type !== 'object') yield '"options" must be a JSON Schema of type "object".'
  for (const word of Object.keys(schema)) {
    if (!rootWords.includes(word))
      yield `"options" knows ${rootWords.slice(1).join(', ')}; it does not know "${shown(word)}".`
  }
  if (schema.properties !== undefined && !isFields(schema.properties)) {
    yield '"options.properties" must be an object: {"size": {"type": "string", "title": "Size"}}.'
  }
  const properties = isFields(schema.properties) ? schema.properties : {}
  if (Object.keys(properties).length > optionsMax) yield `"options" may hold ${optionsMax} options.`
  for (const [name, option] of Object.entries(properties)) yield* checkOption(name, option)
  const required = schema.required ?? []
  if (!Array.isArray(required)) yield '"options.required" must be a list of names.'
  else {
    for (const name of required) {
      if (typeof name !== 'string' || !Object.hasOwn(properties, name))
        yield `"options.required" names "${shown(String(name))}", which is not among its properties.`
    }
  }
  if (schema.additionalProperties !== undefined && typeof schema.additionalProperties !== 'boolean') {
    yield '"options.additionalProperties" is true or false.'
  }
}

function* checkOption(name: string, option: unknown): Generator<string> {
  const at = `The option "${shown(name)}"`
  if (!isOptionName(name)) {
    yield `${at} must be letters, digits, hyphens and underscores, beginning with a letter: customers type it as --${shown(name)}.`
  }
  if (!isFields(option)) {
    yield `${at} must be an object, such as {"type": "string", "title": "Size"}.`
    return
  }
  for (const word of Object.keys(option)) {
    if (!optionWords.includes(word)) yield `${at} may say ${optionWords.join(', ')}; it may not say "${shown(word)}".`
  }
  if (!isType(option.type)) {
    yield `${at} needs a "type": one of ${types.join(', ')}.`
    return
  }
  if (
    option.enum !== undefined &&
    !(Array.isArray(option.enum) && option.enum.length > 0 && option.enum.every(isPlain))
  ) {
    yield `${at} has an "enum" that is no list of values.`
    return
  }
  for (const word of ['minimum', 'maximum', 'maxLength'] as const) {
    if (option[word] !== undefined && numberOf(option[word]) === null) yield `${at} has a "${word}" that is no number.`
  }
  const [read] = readOptions({ type: 'object', properties: { [name]: option } })
  if (read && read.default !== null) {
    const problem = valueProblem(read, read.default)
    if (problem) yield `${at} has a default that it does not take itself: it ${problem}.`
  }
}

export type OptionValues = Readonly<Record<string, string | number | boolean | null | undefined>>

/**
 * What is wrong with the options that a customer gave, a sentence each. Values may be texts, as command lines send them.
 * A null counts as not given.
 */
export function optionProblems(schema: unknown, given: OptionValues): string[] {
  if (!isFields(schema)) return []
  const options = readOptions(schema)
  const problems = options.flatMap((option) => {
    const value = given[option.name]
    if (value === undefined || value === null || value === '') {
      return option.isRequired ? [`"${option.name}" is required (${option.title}).`] : []
    }
    const problem = valueProblem(option, String(value))
    return problem ? [`"${option.name}" ${problem}.`] : []
  })
  if (schema.additionalProperties !== false) return problems
  const known = new Set(options.map(({ name }) => name))
  const list = options.length ? ` It knows ${[...known].join(', ')}.` : ''
  return [
    ...problems,
    ...Object.keys(given)
      .filter((name) => !known.has(name) && given[name] !== null)
      .map((name) => `There is no option "${shown(name)}".${list}`),
  ]
}

/** "must be one of small, large", or null when the value is fine. */
export function valueProblem(option: Option, value: string): string | null {
  if (option.choices.length)
    return option.choices.includes(value) ? null : `must be one of ${option.choices.join(', ')}`
  if (option.type === 'boolean') return value === 'true' || value === 'false' ? null : 'must be true or false'
  if (option.type === 'string') {
    return option.lengthMax !== null && value.length > option.lengthMax
      ? `must not be longer than ${option.lengthMax} characters`
      : null
  }
  const number = value.trim() === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(number)) return 'must be a number'
  if (option.type === 'integer' && !Number.isInteger(number)) return 'must be a whole number'
  if (option.minimum !== null && number < option.minimum) return `must be at least ${option.minimum}`
  if (option.maximum !== null && number > option.maximum) return `must be at most ${option.maximum}`
  return null
}

const isOptionName = (name: string) => /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name)
const numberOf = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null)
const titleOf = (name: string) => name.replace(/[-_]+/g, ' ').replace(/^./, (first) => first.toUpperCase())
const shown = (text: string) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)
