import { readFileSync } from 'node:fs'
import * as Flags from '@oclif/core/flags'
import { parse } from '@oclif/core/parser'
import { describe, expect, it } from 'vitest'
// @ts-expect-error a script without types
import { commandTable, withTable } from '../bin/command-list'
import type { MortiseCommand } from './command.js'

declare global {
  interface ImportMeta {
    /** Vite's, which vitest runs tests with. */
    glob<Module>(pattern: string, options: { eager: true }): Record<string, Module>
  }
}

type CommandClass = typeof MortiseCommand & { hiddenAliases: string[] }
const modules = import.meta.glob<{ default: CommandClass }>('./commands/**/*.ts', { eager: true })
const commands = Object.entries(modules).map(([file, module]) => {
  const id = file.replace(/^\.\/commands\/|(\/index)?\.ts$/g, '').replaceAll('/', ':')
  return { id, names: [id, ...module.default.aliases, ...module.default.hiddenAliases], command: module.default }
})
const byName = new Map(commands.flatMap(({ names, command }) => names.map((name) => [name, command] as const)))

/** Their output is a program's own, or help. */
const withoutJson = ['exec', 'help', 'run']

describe.each(commands)('$id', ({ id, command }) => {
  it('says in one short line what it does', () => {
    const [summary = ''] = (command.description ?? '').split('\n')
    expect(summary).toMatch(/^[a-z].*[^.]$/)
    expect(summary.length).toBeLessThanOrEqual(110)
  })

  it('shows examples that this command line takes as they stand', async () => {
    expect(command.examples?.length).toBeGreaterThan(0)
    for (const example of command.examples as string[]) {
      const words = wordsAfterMortise(example)
      if (!words) continue
      const [name = '', ...rest] = words
      expect(byName.get(name), `${example}: no command ${name}`).toBe(command)
      const dashes = rest.indexOf('--')
      const own = dashes < 0 ? rest : rest.slice(0, dashes)
      const flags = { ...command.baseFlags, ...command.flags, json: Flags.boolean() }
      const parsed = parse(own, { flags, args: command.args, strict: command.strict, context: undefined } as never)
      await expect(parsed, example).resolves.toBeDefined()
    }
  })

  it.skipIf(withoutJson.includes(id))('has --json', () => expect(command.enableJsonFlag).toBe(true))

  it('describes every flag and argument', () => {
    for (const [name, flag] of Object.entries(command.flags ?? {}))
      expect(flag.description ?? flag.summary, name).toBeTruthy()
    for (const [name, arg] of Object.entries(command.args ?? {})) expect(arg.description, name).toBeTruthy()
  })
})

it('no two commands answer to one name', () => {
  const names = commands.flatMap(({ names }) => names)
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
})

it('README.md lists all commands as they describe themselves', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  const described = commands.map(({ id, command }) => ({
    id,
    description: command.description!,
    aliases: command.aliases,
    hidden: command.hidden,
  }))
  expect(readme, 'run bin/command-list').toBe(withTable(readme, commandTable(described)))
  // An empty table would have been what it is compared with.
  expect(readme).toContain('| `addons:create` | ')
})

/** What people who know the field's command line will type. */
const words = `
  domains domains:add domains:info domains:remove domains:wait domains:update domains:clear certs certs:add certs:info certs:remove
  auth:login auth:whoami auth:logout auth:token login logout whoami
  authorizations authorizations:create authorizations:info authorizations:update authorizations:revoke authorizations:rotate
  authorizations:destroy sessions sessions:destroy clients clients:create clients:info clients:update clients:destroy clients:rotate
  keys teams members members:add members:set members:remove
  apps apps:create apps:info apps:destroy apps:rename apps:open apps:stacks apps:stacks:set apps:transfer apps:leave apps:join
  apps:lock apps:unlock create destroy info rename open list apps:list apps:delete leave join lock unlock
  maintenance maintenance:on maintenance:off features features:enable features:disable features:info
  labs labs:enable labs:disable labs:info access access:add access:remove access:update
  config config:get config:set config:unset config:add config:remove
  releases releases:info releases:rollback releases:output releases:retry rollback
  ps ps:scale ps:type ps:resize ps:restart ps:stop ps:kill ps:wait scale restart stop resize kill
  logs run run:detached
  addons addons:create addons:add addons:info addons:attach addons:detach addons:rename addons:upgrade addons:downgrade
  addons:destroy addons:remove addons:services addons:plans addons:docs addons:open addons:wait
  webhooks webhooks:add webhooks:info webhooks:update webhooks:remove
  webhooks:deliveries webhooks:deliveries:info webhooks:events webhooks:events:info
  regions builds builds:create builds:info builds:output
  proxy provider:proxy drains drains:add drains:remove buildpacks buildpacks:add buildpacks:set buildpacks:remove buildpacks:clear
  builds:cancel autocomplete
  addons:admin:manifest:push addons:admin:manifest:pull addons:admin:manifest:diff addons:admin:manifest:generate
  addons:admin:manifests addons:admin:manifests:info addons:admin:open
`
it.each(words.trim().split(/\s+/))("the field's word %s is a command here", (word) => {
  expect(byName.has(word)).toBe(true)
})

/** `$ mortise a "b c"` → `['a', 'b c']`; null for an example that does more than start it. */
function wordsAfterMortise(example: string): string[] | null {
  const [, line] = /^\$ mortise ([^|<>]*)/.exec(example) ?? []
  if (line === undefined) return null
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  )
}
