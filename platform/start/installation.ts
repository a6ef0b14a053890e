import type { Db } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import { StartFailed } from './failure.js'
import { keepSetting } from './installation-store.js'

const name = 'master_key_check'
const context = `settings:${name}`

/**
 * Whether database and data folder belong together: a word that was sealed at the first start must open. Otherwise
 * every secret would fail later, one by one, in the middle of somebody's work.
 * @throws StartFailed
 */
export async function checkMasterKey(db: Db, secrets: Secrets, dir: string): Promise<void> {
  const sealed = await keepSetting(db, name, secrets.seal('mortise', context).toString('base64'))
  try {
    secrets.open(Buffer.from(sealed, 'base64'), context)
  } catch (cause) {
    throw new StartFailed(
      `The secrets in this database were sealed with another master key than that of ${dir}. Use the data folder they were made with, or give its keys in MORTISE_MASTER_KEYS.`,
      1,
      { cause },
    )
  }
}
