import fs from 'node:fs'
import path from 'node:path'
import { type Finding, ok, problem, warning } from '@mortise/contract/finding'

/** Below these a database may stop in the middle of a write. */
export const freeBytesMin = 1024 ** 3
export const freePartMin = 0.1

/** The data folder: there, ours alone, with room left. */
export function lookAtFolder(dir: string, given: { masterKeys: boolean; statfs?: typeof fs.statfsSync }): Finding[] {
  if (!fs.existsSync(path.join(dir, 'version'))) {
    const next = "Pass the installation's --data-dir, or start the server once."
    return [problem('data folder', `There is no installation in ${dir}.`, next)]
  }
  return [
    lookAtMode(dir),
    lookAtKeyFile(dir, given.masterKeys),
    ...lookAtCredentials(dir),
    lookAtDisk(dir, given.statfs ?? fs.statfsSync),
  ]
}

function lookAtMode(dir: string): Finding {
  const { mode, uid } = fs.statSync(dir)
  const [check, next] = ['data folder', `Run: chmod go-w ${dir}`]
  if (mode & 0o022) return problem(check, `Others than its owner may write to ${dir}.`, next)
  // Others may pass through (dynos must), and may not list: they see no names.
  if (mode & 0o044) return warning(check, `Others than its owner may list ${dir}.`, `Run: chmod go-r ${dir}`)
  const me = process.getuid?.()
  if (me !== undefined && me !== 0 && uid !== me) {
    return problem(check, `${dir} belongs to another account.`, 'Run this, and the server, as the one that owns it.')
  }
  return ok(check, `${dir} is its owner's alone.`)
}

function lookAtKeyFile(dir: string, isGiven: boolean): Finding {
  const file = path.join(dir, 'master.key')
  const check = 'master key file'
  if (!fs.existsSync(file)) {
    if (isGiven) return ok(check, 'The master keys come from MORTISE_MASTER_KEYS.')
    return problem(
      check,
      `${file} is not there, and no secret can be read without it.`,
      'Put back your copy of it, or give it in MORTISE_MASTER_KEYS.',
    )
  }
  if (fs.statSync(file).mode & 0o077) {
    return problem(
      check,
      `Others than its owner may read ${file}.`,
      `Run: chmod 600 ${file}, then mortise keys:rotate, since somebody may have read it.`,
    )
  }
  return ok(check, `${file} is there, and its owner's alone. Keep a copy apart from the database's.`)
}

function lookAtCredentials(dir: string): Finding[] {
  const file = path.join(dir, 'credentials.json')
  if (!fs.existsSync(file)) return []
  const next = 'Delete it when you have signed in; it is not made again.'
  if (fs.statSync(file).mode & 0o077) return [problem('credentials file', `Others may read ${file}.`, next)]
  return [warning('credentials file', `The operator's password and API key stand in ${file}.`, next)]
}

function lookAtDisk(dir: string, statfs: typeof fs.statfsSync): Finding {
  const { bavail, bsize, blocks } = statfs(dir)
  const free = bavail * bsize
  const part = blocks > 0 ? bavail / blocks : 0
  const said = `${(free / 1024 ** 3).toFixed(1)} GB (${Math.round(part * 100)} %) are free below ${dir}`
  const next = 'Make room, or lower how long things are kept with --keep.'
  if (free < freeBytesMin) return problem('disk', `Only ${said}.`, next)
  return part < freePartMin ? warning('disk', `Only ${said}.`, next) : ok('disk', `${said}.`)
}
