import type { Db } from '../db/db.js'
import { type MasterKeys, sealWith } from '../secrets/keys.js'
import type { Secrets } from '../secrets/seal.js'
import { StartFailed } from './failure.js'
import { keepSetting, readSetting, writeSetting } from './installation-store.js'

const name = 'master_key_check'
const context = `settings:${name}`
export const keyCheckContext = context

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

export const sealingName = 'master_key_current'

/**
 * Looks for new master keys, and seals with the one that the installation has agreed on: the newest, until a rotation
 * says otherwise. So a key that was added is not used before everybody knows it.
 */
export async function followKeys(db: Db, masters: MasterKeys): Promise<{ keys: number[]; sealsWith: number }> {
  masters.reload?.()
  const agreed = await readSetting<number>(db, sealingName)
  if (agreed !== undefined) sealWith(masters, agreed)
  return { keys: [...masters.byVersion.keys()], sealsWith: masters.current.version }
}

/** How the installation is reached, as the process that runs apps is told. */
export interface Place {
  /** Scheme, host and port. */
  origin: string
  appsDomain: string
  /** Only that machine's people can reach it. */
  isAtHome: boolean
}

const placeName = 'place'

/** For the process that runs apps: the others speak of the same addresses, to people and to providers. */
export async function writePlace(db: Db, place: Place): Promise<void> {
  await writeSetting(db, placeName, place)
}

/** @throws StartFailed before the first start of the process that runs apps */
export async function readPlace(db: Db): Promise<Place> {
  const place = await readSetting<Place>(db, placeName)
  if (place) return place
  throw new StartFailed(
    'This database was never used by a process that runs apps. Start one without --role first: it makes the operator and says how the installation is reached.',
  )
}
