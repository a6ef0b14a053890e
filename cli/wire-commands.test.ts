import { describe, expect, it } from 'vitest'
import type { MortiseCommand } from './command.js'

// Every command that the wire's table of the customer's side names, as people of the heroku CLI know it, and of ours those
// that are left out, each with the reason. A command that the wire gets is added here first.
const ofTheWire = `
  auth:login auth:whoami auth:logout auth:token
  authorizations authorizations:create authorizations:info authorizations:update authorizations:revoke authorizations:rotate
  sessions clients keys keys:add keys:remove teams spaces
  apps apps:create apps:info apps:destroy apps:rename apps:diff apps:open maintenance maintenance:on maintenance:off apps:stacks
  features labs certs buildpacks git:remote
  config config:get config:set config:unset
  releases releases:info releases:rollback rollback releases:output releases:retry
  ps ps:scale ps:type ps:restart ps:stop ps:wait logs run run:detached
  addons addons:create addons:wait addons:info addons:attach addons:detach addons:rename addons:upgrade addons:downgrade
  addons:destroy addons:services addons:plans addons:docs addons:open usage:addons
  webhooks webhooks:add webhooks:info webhooks:update webhooks:remove webhooks:deliveries webhooks:deliveries:info webhooks:events
  webhooks:events:info domains domains:add domains:info domains:remove domains:wait access access:add access:remove access:update
  drains drains:add drains:remove regions builds:create builds:cache:purge pg:info
  manifest:push manifest:pull manifest:diff manifests manifests:info manifest:generate
`
  .trim()
  .split(/\s+/)

const leftOut: Record<string, string> = {
  spaces: 'there are no private spaces on this platform',
  'keys:add': 'there is no git over SSH, so the API refuses every key',
  'keys:remove': 'there is never a key to remove',
  'pg:info':
    "speaks to a data service of its own, which no provider's wire has; see addons:info and the add-on's dashboard",
}

declare global {
  interface ImportMeta {
    /** Vite's, which vitest runs tests with. */
    glob<Module>(pattern: string, options: { eager: true }): Record<string, Module>
  }
}
const modules = import.meta.glob<{ default: typeof MortiseCommand & { hiddenAliases: string[] } }>(
  './commands/**/*.ts',
  {
    eager: true,
  },
)
const here = new Set(
  Object.entries(modules).flatMap(([file, { default: command }]) => [
    file.replace(/^\.\/commands\/|(\/index)?\.ts$/g, '').replaceAll('/', ':'),
    ...command.aliases,
    ...command.hiddenAliases,
  ]),
)

describe('the commands of the wire', () => {
  it.each(ofTheWire)('%s is here, or left out for a reason', (name) => {
    expect(here.has(name) !== name in leftOut).toBe(true)
  })
  it('nothing is left out that the wire has not', () => {
    for (const name of Object.keys(leftOut)) expect(ofTheWire).toContain(name)
  })
})
