import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, testHouse } from '../start/test-house.js'

let house: House<'ann' | 'bob'>
beforeAll(async () => {
  house = await testHouse(['ann', 'bob'])
})
afterAll(async () => {
  expect(house.faults).toEqual([])
  await house.end()
})

test('an order is answered at once, and whoever began it follows it to its end', async () => {
  // Nobody listens there: the story ends with that, after its tries.
  const source_blob = { url: 'http://127.0.0.1:9/source.tgz' }
  const made = await house.ask('ann', 'POST', '/app-setups', { app: { name: 'sample' }, source_blob })
  expect(made).toMatchObject({
    status: 202,
    body: { app: { name: 'sample' }, status: 'pending', build: null, failure_message: null, manifest_errors: [] },
  })
  expect((await house.ask('ann', 'GET', '/apps/sample')).status).toBe(200)
  const address = `/app-setups/${made.body.id}`
  expect((await house.ask('bob', 'GET', address)).status).toBe(404)
  const work = async () => {
    house.clock.aheadMs += 61_000
    while (await house.engine.workOne()) {}
    return (await house.ask('ann', 'GET', address)).body
  }
  await expect.poll(work, { timeout: 15_000 }).toMatchObject({
    status: 'failed',
    failure_message: expect.stringContaining('could not be fetched'),
  })
  expect((await house.ask('ann', 'GET', '/apps/sample')).status).toBe(404)
})

test.each([
  [{ source_blob: { url: 'file:///etc/passwd' } }, /http or https/],
  [{ source_blob: { url: 'http://user:password@127.0.0.1/a.tgz' } }, /must not hold/],
  [{ source_blob: { url: 'http://127.0.0.1/a.tgz', checksum: 'x' } }, /checksum/],
  [{ source_blob: { url: 'http://127.0.0.1/a.tgz' }, app: { name: 'A B' } }, /name/i],
  [{ source_blob: { url: 'http://127.0.0.1/a.tgz' }, app: { space: 'x' } }, /spaces/],
  [{}, /source_blob/],
])('%j is refused, and no app is made', async (body, words) => {
  const refused = await house.ask('ann', 'POST', '/app-setups', body)
  expect([refused.status, refused.body.message]).toEqual([422, expect.stringMatching(words)])
  expect((await house.ask('ann', 'GET', '/apps')).body).toEqual([])
})
