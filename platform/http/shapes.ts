import { invalid } from '@mortise/contract/errors'
import type { TSchema } from '@sinclair/typebox'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'

// Nothing is coerced and nothing is dropped: what a client sent is what is judged.
const ajv = new Ajv({
  coerceTypes: false,
  removeAdditional: false,
  strict: false,
  allErrors: false,
  discriminator: false,
})
const compiled = new WeakMap<object, ValidateFunction>()

function validatorOf(schema: TSchema): ValidateFunction {
  let validate = compiled.get(schema)
  if (!validate) {
    validate = ajv.compile(schema)
    compiled.set(schema, validate)
  }
  return validate
}

/** @throws WireError 422 that names the field and what it should be */
export function checkBody(schema: TSchema, body: unknown): unknown {
  const value = body === undefined || body === null ? {} : body
  const validate = validatorOf(schema)
  if (validate(value)) return value
  throw invalid(sentence(validate.errors ?? [], 'The request body'))
}

/** For tests: what is wrong with an answer of ours, or null. */
export function answerFault(schema: TSchema, answer: unknown): string | null {
  const validate = validatorOf(schema)
  return validate(answer) ? null : sentence(validate.errors ?? [], 'The answer')
}

function sentence(errors: readonly ErrorObject[], whole: string): string {
  // The deepest complaint is the most telling: a union reports each branch and then itself.
  const error = [...errors].sort((a, b) => b.instancePath.length - a.instancePath.length)[0]
  if (!error) return `${whole} does not have the expected shape.`
  const where = error.instancePath ? `"${error.instancePath.slice(1).replaceAll('/', '.')}"` : whole
  if (error.keyword === 'required') {
    const missing = `"${error.params['missingProperty']}"`
    return error.instancePath ? `${where} needs ${missing}.` : `${whole} needs ${missing}.`
  }
  if (error.keyword === 'additionalProperties') return `${where} has no "${error.params['additionalProperty']}".`
  if (error.keyword === 'type') return `${where} must be ${article(String(error.params['type']))}.`
  return `${where} ${error.message ?? 'is not valid'}.`
}

const article = (type: string) => (/^[aeio]/.test(type) ? `an ${type}` : `a ${type}`)
