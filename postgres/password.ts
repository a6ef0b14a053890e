import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { syncFolder } from './durable.js'
import { PostgresFailed } from './failed.js'

/**
 * The superuser's password: made once, kept in `dir/superuser.password` (0600, ours), on disk before the cluster that
 * knows it. Repeatable.
 * @throws PostgresFailed when there is a cluster but its password is gone
 */
export function superuserPassword(dir: string, hasCluster: boolean): string {
  const file = path.join(dir, 'superuser.password')
  if (fs.existsSync(file)) return fs.readFileSync(file, 'utf8').trim()
  if (hasCluster) throw new PostgresFailed(`There is a database in ${dir}, but its ${file} is missing. Put it back.`)
  const password = randomBytes(32).toString('base64url')
  const half = `${file}.half`
  fs.writeFileSync(half, `${password}\n`, { mode: 0o600, flush: true })
  fs.renameSync(half, file)
  syncFolder(dir)
  return password
}
