import { type Db, transact } from '../db/db.js'
import { isPassword, newToken, passwordHash, tokenHash } from '../secrets/tokens.js'
import type { World } from '../world/world.js'
import { type Account, isEmail } from './account.js'
import { findAccountByEmail, findOperator, insertAccount, setPasswordHash } from './store.js'
import { tokenHint } from './token.js'
import { putDefaultToken, revokeWebSessions } from './token-store.js'

/** What the operator says in the environment; all of it may be left out. */
export interface OperatorWishes {
  email?: string
  password?: string
  apiKey?: string
}

/** What leads in. Kept by whoever starts the platform, in a file of mode 0600. */
export interface Credentials {
  email: string
  password: string
  apiKey: string
}

export type OperatorOutcome =
  | { outcome: 'made'; account: Account }
  /** An account was there; `changed` names what the wishes put in force. */
  | { outcome: 'there'; account: Account; changed: Partial<Credentials> }

/** The wishes can't be met; the message is one sentence for the operator. */
export class OperatorRefused extends Error {}

const emailDefault = 'operator@localhost'
const apiKeyCharsMin = 8

/**
 * The first start makes the operator's account from the wishes, and what they leave out is generated. Later starts
 * leave accounts alone, except that a password or API key given explicitly is put in force for that e-mail.
 * @param keep called before the account is committed, so that no generated password is ever lost; may be called again
 *   by a later start if this one dies in between
 * @throws OperatorRefused
 */
export async function ensureOperator(
  db: Db,
  world: World,
  wishes: OperatorWishes,
  keep: (credentials: Credentials) => void,
): Promise<OperatorOutcome> {
  check(wishes)
  const known = wishes.email ? await findAccountByEmail(db, wishes.email) : await findOperator(db)
  if (known) return { outcome: 'there', account: known, changed: await putInForce(db, world, known, wishes) }
  const operator = await findOperator(db)
  if (operator) {
    throw new OperatorRefused(
      `MORTISE_EMAIL is ${wishes.email}, but this installation's operator is ${operator.email}. Use that address, or leave MORTISE_EMAIL out.`,
    )
  }
  return make(db, world, wishes, keep)
}

async function make(
  db: Db,
  world: World,
  wishes: OperatorWishes,
  keep: (credentials: Credentials) => void,
): Promise<OperatorOutcome> {
  const credentials = {
    email: wishes.email ?? emailDefault,
    // 24 characters: long enough, and it can still be typed.
    password: wishes.password ?? newToken().slice(0, 24),
    apiKey: wishes.apiKey ?? newToken('MORT-'),
  }
  const hash = await passwordHash(credentials.password)
  const account = await transact(db, async (tx) => {
    const at = world.now()
    const made = await insertAccount(tx, {
      id: world.id(),
      email: credentials.email,
      passwordHash: hash,
      isOperator: true,
      at,
    })
    await putDefaultToken(tx, keyRow(world, made.id, credentials.apiKey, at))
    keep(credentials)
    return made
  })
  return { outcome: 'made', account }
}

async function putInForce(
  db: Db,
  world: World,
  account: Account,
  wishes: OperatorWishes,
): Promise<Partial<Credentials>> {
  const changed: Partial<Credentials> = {}
  const { password, apiKey } = wishes
  if (password !== undefined && !(await isPassword(password, account.passwordHash))) {
    const hash = await passwordHash(password)
    await transact(db, async (tx) => {
      await setPasswordHash(tx, account.id, hash, world.now())
      await revokeWebSessions(tx, account.id, world.now())
    })
    changed.password = password
  }
  if (apiKey !== undefined) {
    const put = await transact(db, (tx) => putDefaultToken(tx, keyRow(world, account.id, apiKey, world.now())))
    if (!put) throw new OperatorRefused('MORTISE_API_KEY is the token of another account. Choose another one.')
    changed.apiKey = apiKey
  }
  return changed
}

function keyRow(world: World, accountId: string, apiKey: string, at: Date) {
  return { id: world.id(), accountId, hash: tokenHash(apiKey), hint: tokenHint(apiKey), description: 'API key', at }
}

function check(wishes: OperatorWishes): void {
  if (wishes.email !== undefined && !isEmail(wishes.email)) {
    throw new OperatorRefused(`MORTISE_EMAIL is no e-mail address: ${JSON.stringify(wishes.email)}.`)
  }
  if (wishes.password === '') throw new OperatorRefused('MORTISE_PASSWORD is empty. Give one, or leave it out.')
  if (wishes.apiKey !== undefined && (wishes.apiKey.length < apiKeyCharsMin || /\s/.test(wishes.apiKey))) {
    throw new OperatorRefused(`MORTISE_API_KEY must have at least ${apiKeyCharsMin} characters and no spaces.`)
  }
}
