import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClientHouse, clientHouse } from './client-house.js'
import { deploy, until } from './deploy.js'
import { manifestFor } from './heroku-cli.js'
import { schemaFile, strictSchema } from './hyper-schema.js'
import { type LyingProvider, lyingProvider } from './lying-provider.js'

// Each answer of the API held against a strict copy of the published schema, where there is one beside the checkout.

let house: ClientHouse
let liar: LyingProvider
const password = 'liar-password-0123456789'

beforeAll(async () => {
  house = await clientHouse('hyper-schema')
  liar = await lyingProvider(password, 'shape-db')
  liar.config = { SHAPE_DB_URL: 'fast://x' }
})
afterAll(async () => {
  await liar?.stop()
  await house?.stop()
})

async function ask(method: string, address: string, body?: unknown) {
  const answer = await house.api(method, address, body)
  expect([method, address, answer.status < 300, answer.body]).toEqual([method, address, true, answer.body])
  return answer.body
}

test('each list and each single thing has every listed property and no unknown one', async () => {
  await ask('POST', '/api/v3/addons/shape-db/manifests', { contents: manifestFor('shape-db', liar, password) })
  await ask('POST', '/apps', { name: 'shape' })
  await deploy(house.port, house.headers, 'shape', house.dir, {
    Procfile: 'web: node server.js\n',
    'server.js': "require('http').createServer((q, r) => r.end('ok')).listen(process.env.PORT)",
  })
  const addon = await ask('POST', '/apps/shape/addons', { plan: 'shape-db:small' })
  await ask('POST', '/teams', { name: 'crew' })
  await ask('POST', '/teams/apps', { name: 'crew-app', team: 'crew' })
  await ask('POST', '/filters/apps')
  const [build] = await ask('GET', '/apps/shape/builds')
  await ask('POST', '/apps/shape/domains', { hostname: 'a.example.com' })
  const hook = { include: ['api:app', 'api:release'], level: 'notify', url: 'http://127.0.0.1:9/' }
  const { id: hookId } = await ask('POST', '/apps/shape/webhooks', hook)
  await ask('PATCH', `/apps/shape/webhooks/${hookId}`, { level: 'sync' })
  await ask('PATCH', '/apps/shape', { maintenance: true })
  await ask('PATCH', '/apps/shape', { maintenance: false })
  await ask('PATCH', '/apps/shape/config-vars', { A: '1' })
  await ask('POST', '/actions/addons/resolve', { addon: addon.name })
  await ask('POST', '/actions/addon-attachments/resolve', { addon_attachment: 'SHAPE_DB', app: 'shape' })
  await ask('POST', '/addon-attachments', { addon: addon.name, app: 'crew-app' })
  await ask('PATCH', `/apps/shape/addons/${addon.id}`, { plan: 'shape-db:large' })
  await ask('POST', '/apps/shape/log-sessions', { lines: 1 })
  const made = await ask('POST', '/oauth/authorizations', { description: 'x' })
  await ask('POST', `/oauth/authorizations/${made.id}/actions/regenerate-tokens`)
  await ask('POST', '/oauth/clients', { name: 'c', redirect_uri: 'https://a.example/' })
  await ask('PATCH', '/apps/shape/formation', { updates: [{ type: 'web', quantity: 1 }] })
  await ask('POST', '/sources')
  await ask('POST', '/teams/crew/allowed-addon-services', { addon_service: 'shape-db' })
  const events = await until(40, async () => {
    const all = await ask('GET', '/apps/shape/webhook-events')
    return all.length > 0 && all
  })
  const deliveries = await until(40, async () => {
    const all = await ask('GET', '/apps/shape/webhook-deliveries')
    return all.length > 0 && all
  })
  const addresses = `/account /users/~ /apps /users/~/apps /apps/shape /apps/shape/addons /addons /addons/${addon.name}
    /addon-attachments /addons/${addon.name}/addon-attachments /apps/shape/addon-attachments /addons/${addon.name}/config
    /addon-services /addon-services/shape-db /addon-services/shape-db/plans /plans/shape-db:small /regions /regions/us
    /stacks /stacks/mortise-24 /apps/shape/releases /apps/shape/releases/1 /apps/shape/config-vars
    /apps/shape/releases/2/config-vars /apps/shape/formation /apps/shape/formation/web /apps/shape/dynos
    /apps/shape/dynos/web.1 /apps/shape/collaborators /apps/shape/domains /apps/shape/domains/a.example.com
    /apps/shape/features /apps/shape/webhooks /apps/shape/builds/${build.id} /apps/shape/slugs/${build.slug.id}
    /apps/shape/webhook-events/${events[0].id} /apps/shape/webhook-deliveries/${deliveries[0].id}
    /oauth/authorizations /oauth/authorizations/~ /oauth/clients /account/rate-limits /account/keys /teams /teams/crew
    /teams/crew/members /teams/crew/apps /teams/apps/crew-app /teams/apps/crew-app/collaborators
    /teams/crew/allowed-addon-services /teams/crew/addons /users/~/addons /teams/crew/features /account/app-transfers
    /account/features /dyno-sizes /dyno-sizes/eco /generations /generations/cedar /teams/crew/available-generations
    /apps/shape/available-stacks /apps/shape/available-dyno-sizes /addon-region-capabilities /account/delinquency
    /teams/crew/delinquency /users/~/preferences /pipelines /pipeline-couplings /spaces /enterprise-accounts`
  for (const address of addresses.split(/\s+/)) await ask('GET', address)
  expect([...house.wire.faults]).toEqual([])
  if (schemaFile()) expect(house.wire.checked()).toBeGreaterThan(90)
})

test.skipIf(!schemaFile())('the strict copy notices what is missing, unknown, or of another type', async () => {
  const schema = strictSchema(schemaFile() as string)
  const app = await ask('GET', '/apps/shape')
  expect(schema.faultsOf('GET', '/apps/shape', app)).toEqual([])
  const { stack: _, ...less } = app
  expect(schema.faultsOf('GET', '/apps/shape', less)).toEqual([" must have required property 'stack'"])
  expect(schema.faultsOf('GET', '/apps/shape', { ...app, secret: 1 })).toHaveLength(1)
  expect(schema.faultsOf('GET', '/apps/shape', { ...app, generation: 'cedar' })).toHaveLength(1)
  expect(schema.faultsOf('GET', '/apps', [app, less])).toHaveLength(1)
  expect(schema.faultsOf('GET', '/nothing', {})).toBeUndefined()
})
