import type { TSchema } from '@sinclair/typebox'
import { routes } from '../platform-api/routes.js'
import type { Route } from '../route.js'
import {
  itemsOf,
  nounOfGroup,
  type Parameter,
  parameters,
  parametersOfPaths,
  type Resource,
  resourceOf,
  resources,
} from './resources.js'

/** One line of the route table with what documents say of it. */
export interface Operation {
  /** `addons.create`: where it stands in the route table. */
  id: string
  group: string
  route: Route
  /** Name of the noun that it belongs to. */
  noun: string
  /** `Add-on create` */
  title: string
  /** One or two sentences. */
  description: string
  parameters: readonly (Parameter & { name: string })[]
}

const table = routes as Record<string, Record<string, Route>>

/** The route table, flat and in its own order. */
export const operations: readonly Operation[] = Object.entries(table).flatMap(([group, all]) =>
  Object.entries(all).map(([verb, route]) => describe(group, verb, route)),
)

function describe(group: string, verb: string, route: Route): Operation {
  const { title, description } = wordsOf(route)
  return {
    id: `${group}.${verb}`,
    group,
    route,
    noun: nounOf(group, route),
    title,
    description,
    parameters: [...route.path.matchAll(/:([a-z_]+)/g)].map(([, name = '']) => parameterOf(route.path, name)),
  }
}

/** A title says what, and after a semicolon, colon or comma what more there is to know. */
function wordsOf(route: Route): { title: string; description: string } {
  const match = /^([^;:,]+)[;:,]\s+(.+)$/.exec(route.title)
  const title = match?.[1] ?? route.title
  const more = match?.[2] ?? ''
  const sentences = [`${title}.`, ...(more ? [`${more[0]?.toUpperCase()}${more.slice(1)}.`] : [])]
  return { title, description: [...sentences, ...(route.description ? [route.description] : [])].join(' ') }
}

function nounOf(group: string, route: Route): string {
  return resourceOf(route.answer)?.name ?? resourceOf(itemsOf(route.answer))?.name ?? nounOfGroup[group] ?? kebab(group)
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)
}

export function parameterOf(path: string, name: string): Parameter & { name: string } {
  const special = parametersOfPaths.find((one) => one.name === name && one.path.test(path))?.parameter
  const same = name.replaceAll('_', '-')
  const noun = resources.some((one) => one.name === same) ? same : 'account'
  const found = special ?? parameters[name] ?? { noun, fields: ['id'], description: `id of the ${name}` }
  return { ...found, name }
}

/** Nouns without a line in `resources` get one, so that a new group of routes is in every document at once. */
export function nouns(): readonly Resource[] {
  const known = new Set(resources.map(({ name }) => name))
  const more = [...new Set(operations.map(({ noun }) => noun))].filter((name) => !known.has(name))
  const plain = (name: string): Resource => ({
    name,
    title: name,
    description: `${name}.`,
    stability: 'development',
    schema: { type: 'object', properties: {} } as unknown as TSchema,
  })
  return [...resources, ...more.map(plain)]
}
