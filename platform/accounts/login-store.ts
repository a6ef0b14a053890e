import { isUuid } from '@mortise/contract/identity'
import { changed, type Db, maybeOne, one, sql, type Tx } from '../db/db.js'

/** A terminal that waits for somebody to approve it in the browser. */
export interface Login {
  id: string
  cliHash: Buffer
  /** In the asker's own words. */
  description: string
  /** Where the request came from. */
  address: string
  state: 'pending' | 'approved' | 'denied' | 'taken'
  accountId: string | null
  createdAt: Date
  expiresAt: Date
}

const columns = sql`id, cli_hash as "cliHash", description, address, state, account_id as "accountId",
  created_at as "createdAt", expires_at as "expiresAt"`

export async function insertLogin(
  tx: Tx,
  login: {
    id: string
    browserHash: Buffer
    cliHash: Buffer
    description: string
    address: string
    at: Date
    expiresAt: Date
  },
): Promise<void> {
  await sql`insert into logins (id, browser_hash, cli_hash, description, address, created_at, expires_at)
    values (${login.id}, ${login.browserHash}, ${login.cliHash}, ${login.description}, ${login.address}, ${login.at},
      ${login.expiresAt})`.execute(tx)
}

/** How many an address began since then. */
export async function countLogins(db: Db, address: string, since: Date): Promise<number> {
  const found = await one<{ count: number }>(
    db,
    sql`select count(*) as count from logins where address = ${address} and created_at > ${since}`,
  )
  return found.count
}

/** What ran out before then is of no use to anybody. */
export async function forgetLogins(tx: Tx, before: Date): Promise<void> {
  await sql`delete from logins where expires_at < ${before}`.execute(tx)
}

export async function findLogin(db: Db, id: string): Promise<Login | undefined> {
  return isUuid(id) ? maybeOne(db, sql`select ${columns} from logins where id = ${id.toLowerCase()}`) : undefined
}

export async function findLoginByBrowser(db: Db, hash: Buffer): Promise<Login | undefined> {
  return maybeOne(db, sql`select ${columns} from logins where browser_hash = ${hash}`)
}

/** Once: a second decision, or one that comes too late, changes nothing. @returns whether this one counts */
export async function decideLogin(
  tx: Tx,
  id: string,
  decision: { state: 'approved' | 'denied'; accountId: string; at: Date },
): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`update logins set state = ${decision.state}, account_id = ${decision.accountId}, decided_at = ${decision.at}
      where id = ${id} and state = 'pending' and expires_at > ${decision.at}`,
    )) > 0
  )
}

/** Once. @returns whether the caller is the one who makes the token */
export async function takeLogin(tx: Tx, id: string, at: Date): Promise<boolean> {
  return (
    (await changed(
      tx,
      sql`update logins set state = 'taken' where id = ${id} and state = 'approved' and expires_at > ${at}`,
    )) > 0
  )
}
