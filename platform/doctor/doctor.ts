import { type Finding, ok, problem, warning } from '@mortise/contract/finding'
import type { Db } from '../db/db.js'
import { listProcesses } from '../processes/store.js'
import type { Secrets } from '../secrets/seal.js'
import type { World } from '../world/world.js'
import { lookAtDatabase } from './database.js'
import { lookAtFolder } from './folder.js'
import { lookAtPort, lookAtUrl } from './reach.js'
import { lookAtWork } from './work.js'

export interface Patient {
  world: World
  /** Of this program. */
  version: string
  dataDir: string
  /** Whether the keys were given apart from the folder. */
  hasOwnKeys: boolean
  /** Null when there are none, or they can't be read. */
  secrets: Secrets | null
  /** Opens the installation's database. Its failure is a finding. */
  reach(): Promise<{ db: Db; close(): Promise<void> }>
  /** The word that was sealed at the first start. @throws when the key is another */
  openCheck(secrets: Secrets, sealed: string): void
  /** The address that people use, as the server was told last. */
  urlOf(db: Db): Promise<string | null>
  /** Further certificates that are trusted, as PEM. */
  ca?: string
}

/** Looks at everything that an installation needs. It changes nothing; a part that can't be looked at is a finding. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const { world, dataDir } = patient
  const findings: Finding[] = [lookAtNode(process.versions.node)]
  findings.push(...lookAtFolder(dataDir, { masterKeys: patient.hasOwnKeys }))
  if (findings.some(({ check, state }) => check === 'data folder' && state === 'problem') && !patient.hasOwnKeys) {
    // Another folder's database would be looked at, or one be made.
    return findings
  }
  let reached: Awaited<ReturnType<Patient['reach']>>
  try {
    reached = await patient.reach()
  } catch (error) {
    const next =
      'Start it, or check its address; for the one that comes along see postgres/postgres.log in the data folder.'
    return [...findings, problem('database', `It can't be reached (${(error as Error).message}).`, next)]
  }
  try {
    const database = await lookAtDatabase(reached.db, world, patient.secrets, patient.openCheck)
    findings.push(...database)
    if (database.some(({ check, state }) => check === 'schema' && state !== 'ok')) return findings
    const holder = (await listProcesses(reached.db)).find((one) => one.role === 'all' && !one.isSilent)
    findings.push(...(await lookAtWork(reached.db, world, patient.version)), await lookAtPort(holder?.address ?? null))
    const url = await patient.urlOf(reached.db)
    if (url && holder) findings.push(...(await lookAtUrl(url, world.now(), patient.ca)))
    return findings
  } finally {
    await reached.close()
  }
}

function lookAtNode(version: string): Finding {
  const major = Number(version.split('.')[0])
  if (major >= 22) return ok('node', `Node ${version}.`)
  return warning('node', `Node ${version} works and gets no more fixes.`, 'Move to Node 24.')
}
