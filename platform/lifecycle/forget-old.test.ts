import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { rows, sql, transact } from '../db/db.js'
import { insertGrantToken } from '../partner/grant-store.js'
import { tokenHash } from '../secrets/tokens.js'
import { forgetOld, tokenHashesKeptDays } from './forget-old.js'
import { testLifecycle } from './test-lifecycle.js'

const day = 86_400_000

test(`hashes of an add-on's tokens are kept for ${tokenHashesKeptDays} days after its end; a live one keeps its own`, async () => {
  const t = await testLifecycle()
  const app = await t.newApp()
  const [removed, live] = [await t.create(app), await t.create(app)]
  for (const addon of [removed, live])
    await transact(t.db, (tx) =>
      insertGrantToken(tx, {
        id: randomUUID(),
        kind: 'grant_refresh',
        addonId: addon.id,
        hash: tokenHash(addon.id),
        expiresAt: null,
        at: t.world.now(),
      }),
    )
  await t.remove(removed.id)
  await t.work()
  const holders = async () =>
    (
      await rows<{ id: string }>(
        t.db,
        sql`select distinct addon_id::text as id from tokens where addon_id is not null
        union select distinct addon_id::text from grants`,
      )
    )
      .map(({ id }) => id)
      .sort()
  const both = [removed.id, live.id].sort()
  t.advance(tokenHashesKeptDays * day - 60_000)
  while (await forgetOld(t.life.deps));
  expect(await holders()).toEqual(both)
  t.advance(120_000)
  for (let twice = 0; twice < 2; twice++) while (await forgetOld(t.life.deps));
  expect(await holders()).toEqual([live.id])
  expect(t.faults).toEqual([])
  await t.stop()
})
