import { type TSchema, Type } from '@sinclair/typebox'
import { uuidPattern } from '../identity.js'

export const Uuid = Type.String({ pattern: uuidPattern })
/** `2026-11-23T22:43:15Z`: UTC, second precision. */
export const Timestamp = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' })
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const Ref = Type.Object({ id: Uuid, name: Type.String() })
export const UserRef = Type.Object({ id: Uuid, email: Type.String() })

/** Clients name a thing by a string, by `{name}` or by `{id}`; all mean the same. */
export const Identity = Type.Union([
  Type.String({ minLength: 1, maxLength: 300 }),
  Type.Object({ name: Type.String({ minLength: 1, maxLength: 300 }) }),
  Type.Object({ id: Type.String({ minLength: 1, maxLength: 300 }) }),
])
export type Identity = string | { name: string } | { id: string }

export function identityOf(given: Identity): string {
  if (typeof given === 'string') return given
  return 'id' in given ? given.id : given.name
}

/** A date as the wire spells it. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
