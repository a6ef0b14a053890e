import { wrongUsage } from './failure.js'
import type { ProviderOptions } from './options.js'

/** The body of a change, as the API spells it. */
export interface ChangeBody {
  config?: Record<string, string | null>
  create?: { plan: string; name?: string; attachment?: { name: string }; config?: ProviderOptions }[]
  attach?: { addon: string; name?: string }[]
  detach?: string[]
}

type One<Part extends 'create' | 'attach'> = NonNullable<ChangeBody[Part]>[number]

/** A flag as it was written, in its place. */
export interface Word {
  flag: string
  value: string
}

/**
 * Reads flags in the order in which they were written: `--as` and `--name` belong to the `--create` or `--attach` before
 * them.
 * @param provider options after `--`, for the one add-on that is created
 * @throws Failure (wrong usage) for what says nothing, or contradicts itself
 */
export function changeFrom(words: readonly Word[], provider: ProviderOptions = {}): ChangeBody {
  const config = new Map<string, string | null>()
  const create: One<'create'>[] = []
  const attach: One<'attach'>[] = []
  const detach: string[] = []
  /** What the next --as and --name are about. */
  let last: { create?: One<'create'>; attach?: One<'attach'> } = {}

  const keep = (name: string, value: string | null) => {
    if (config.has(name)) throw wrongUsage(`${name} is set or unset twice.`, 'Name each config var once.')
    config.set(name, value)
  }
  for (const { flag, value } of words) {
    if (flag === 'set') {
      const at = value.indexOf('=')
      if (at < 1) throw wrongUsage(`"${value}" sets nothing.`, 'Write --set NAME=VALUE.')
      keep(value.slice(0, at), value.slice(at + 1))
    } else if (flag === 'unset') {
      keep(value, null)
    } else if (flag === 'detach') {
      detach.push(value)
    } else if (flag === 'create') {
      const one: One<'create'> = { plan: value }
      create.push(one)
      last = { create: one }
    } else if (flag === 'attach') {
      const one: One<'attach'> = { addon: value }
      attach.push(one)
      last = { attach: one }
    } else if (flag === 'as') {
      nameAttachment(last, value)
    } else if (flag === 'name') {
      if (!last.create || last.create.name) {
        throw wrongUsage(`--name ${value} belongs to no new add-on.`, 'Write it after its --create.')
      }
      last.create.name = value
    }
  }
  if (Object.keys(provider).length) {
    if (create.length !== 1) {
      throw wrongUsage(
        'Options after -- are for one new add-on.',
        'Create exactly one, or create the others by themselves.',
      )
    }
    create[0]!.config = provider
  }
  if (config.size + create.length + attach.length + detach.length === 0) {
    throw wrongUsage('Nothing to change.', 'Pass --set, --unset, --create, --attach or --detach.')
  }
  return {
    ...(config.size ? { config: Object.fromEntries(config) } : {}),
    ...(create.length ? { create } : {}),
    ...(attach.length ? { attach } : {}),
    ...(detach.length ? { detach } : {}),
  }
}

function nameAttachment({ create, attach }: { create?: One<'create'>; attach?: One<'attach'> }, name: string): void {
  if (create && !create.attachment) create.attachment = { name }
  else if (attach && !attach.name) attach.name = name
  else throw wrongUsage(`--as ${name} belongs to no add-on.`, 'Write it after its --create or --attach.')
}
