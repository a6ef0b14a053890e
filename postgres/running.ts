import fs from 'node:fs'
import path from 'node:path'
import { pidFileLines } from './leftover.js'
import { processStart } from './process-start.js'

/**
 * The way into the server that runs on a folder's cluster now, whoever supervises it: for another process of the same
 * account. Starts nothing.
 * @param dir as given to `startPostgres`
 * @returns null when none runs
 */
export function runningPostgres(
  dir: string,
  superuser = 'mortise',
): { host: string; port: number; user: string; password: string } | null {
  const file = path.join(dir, 'superuser.password')
  if (!fs.existsSync(file)) return null
  // The cluster is in the folder, or where a link leads: other accounts can't pass through every folder.
  const places = ['data', 'reachable-postgresql/data'].map((place) => path.join(dir, place))
  const data = places.find((place) => fs.existsSync(place))
  const lines = data ? pidFileLines(data) : []
  const [pid, , , port, socket] = lines
  // The lines appear one by one while it starts; without a folder for its socket it takes nobody yet.
  if (!pid || !port || !socket || processStart(Number(pid)) === null) return null
  return { host: socket, port: Number(port), user: superuser, password: fs.readFileSync(file, 'utf8').trim() }
}
