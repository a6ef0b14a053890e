import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../db/db.js'
import type { Process } from '../processes/process.js'
import { listProcesses } from '../processes/store.js'
import { type MasterKeys, newMasterKey, sealWith, writeMasterKeys } from '../secrets/keys.js'
import { rewrapAll, rewrapKeyCheck } from '../secrets/rewrap.js'
import { createSecrets } from '../secrets/seal.js'
import * as store from '../secrets/sealed-store.js'
import { StartFailed } from './failure.js'
import { keyCheckContext, sealingName } from './installation.js'
import { readSetting, writeSetting } from './installation-store.js'

export interface Rotation {
  db: Db
  masters: MasterKeys
  /** Where the keys are kept; null when they are given in the environment, which only the operator can change. */
  file: string | null
  say(line: string): void
  /** How long others may take to hear of the new key; they look every 5 s. */
  waitMs?: number
}

/**
 * Replaces the master key while everybody works: the new one is made known to all processes, then all seal with it, then
 * every data key is wrapped anew, and when nothing names the old one it goes. May be interrupted at any moment and run
 * again: it goes on where it was.
 * @throws StartFailed with what to do; nothing is lost then, and both keys are in place
 */
export async function rotateKeys({ db, masters, file, say, waitMs = 60_000 }: Rotation): Promise<void> {
  const newest = () => Math.max(...masters.byVersion.keys())
  const agreed = (await readSetting<number>(db, sealingName)) ?? newest()
  // Said before a new key is anywhere: whoever looks for keys from now on goes on sealing with this one.
  await writeSetting(db, sealingName, agreed)
  const isBegun = newest() > agreed || masters.byVersion.size > 1
  if (!isBegun) {
    if (!file) {
      throw new StartFailed(
        'Add a second key to MORTISE_MASTER_KEYS of every process (openssl rand -base64 32 makes one), as "1:…,2:…". Restart them one by one, and run this again with the same setting.',
      )
    }
    const key = newMasterKey(masters)
    masters.byVersion.set(key.version, key)
    writeMasterKeys(file, masters.byVersion.values())
  }
  const version = newest()
  say(isBegun ? `Going on with the rotation to version ${version}.` : `Version ${version} of the master key was made.`)
  sealWith(masters, version)
  const secrets = createSecrets(masters)

  await allOf(db, waitMs, `know version ${version} of the master key`, ({ keys }) => keys.includes(version))
  await writeSetting(db, sealingName, version)
  await allOf(db, waitMs, `seal with version ${version}`, ({ sealsWith }) => sealsWith === version)
  // What was sealed with the old key and is not committed yet is seen when its transaction has ended.
  const since = await store.databaseNow(db)
  await until(waitMs, async () => (await store.countOlderTransactions(db, since)) === 0)
  let count = 0
  await until(waitMs, async () => {
    count += await rewrapAll(db, secrets, version)
    return (await store.countSealedOtherwise(db, version)) === 0
  })
  await rewrapKeyCheck(db, secrets, keyCheckContext)
  say(`${count} sealed values were rewrapped.`)

  const old = [...masters.byVersion.keys()].filter((one) => one !== version)
  if (old.length === 0) return
  await refuseWhileNeeded(db, since, old)
  if (!file)
    return say(`Take version ${old.join(', ')} out of MORTISE_MASTER_KEYS, and restart the processes one by one.`)
  const key = masters.current
  writeMasterKeys(file, [key])
  for (const one of old) masters.byVersion.delete(one)
  say(`Version ${old.join(', ')} was retired. Copy ${file} to where you keep it, and keep the former copy`)
  say('as long as you keep backups that were made before: they can be read with it only.')
}

/** Nothing at rest names the old key; what could still need it is told, and it stays. */
async function refuseWhileNeeded(db: Db, since: Date, old: readonly number[]): Promise<void> {
  const open = await store.countSealedOperations(db, since)
  if (open) {
    throw new StartFailed(
      `${open} open operations carry values of version ${old.join(', ')}, which stays until they end. Run this again then.`,
    )
  }
  const silent = (await listProcesses(db)).filter(({ isSilent }) => isSilent)
  if (silent.length) {
    throw new StartFailed(
      `Process ${silent.map(({ pid, host }) => `${pid} on ${host}`).join(', ')} is silent and may come back with the old key, which stays. End it for certain, and run this again in 10 minutes.`,
    )
  }
}

async function allOf(db: Db, waitMs: number, what: string, does: (process: Process) => boolean): Promise<void> {
  let missing: Process[] = []
  const all = await until(waitMs, async () => {
    missing = (await listProcesses(db)).filter((one) => !one.isSilent && !does(one))
    return missing.length === 0
  })
  if (all) return
  throw new StartFailed(
    `Process ${missing.map(({ pid, host }) => `${pid} on ${host}`).join(', ')} does not ${what}. Give it the same keys or end it, and run this again.`,
  )
}

async function until(ms: number, look: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + ms; ; await sleep(250)) {
    if (await look()) return true
    if (Date.now() > end) return false
  }
}
