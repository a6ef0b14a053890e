import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** From here on an HTTP port is looked for. */
const firstHttpPort = 5_070

/** Ports that browsers refuse to open, above 1024: customers could not come to the dashboard. Source: the Fetch standard, "bad port". */
const refusedPorts = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
])
export const browsersRefuse = (port: number): boolean => refusedPorts.has(port)

/** What is chosen once and kept, because others hold on to it: addresses are inside config vars, secrets in the manifest. */
export interface Settings {
  port: number
  password: string
  ssoSalt: string
  /** 32 bytes in hex, for what the provider itself seals or derives. */
  key: string
}

/**
 * Reads DIR/settings.json, or makes it (0600) on the first start.
 * @param port the HTTP port that was asked for; kept from then on
 * @param more what else this provider chooses once
 * @throws Error when the file is there and unreadable: new secrets would lock out everyone who has the old
 */
export async function openSettings<More extends object>(
  dir: string,
  port: number | undefined,
  more: () => Promise<More>,
): Promise<Settings & More>
export async function openSettings(dir: string, port?: number): Promise<Settings>
export async function openSettings(dir: string, port?: number, more = async () => ({})): Promise<Settings> {
  // Root's folder lets other accounts pass through, such as a database's; its files stay closed.
  mkdirSync(dir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  const known = readSettings(dir)
  const settings: Settings = known ?? {
    port: port ?? (await freePort(firstHttpPort)),
    password: secret(),
    ssoSalt: secret(),
    key: randomBytes(32).toString('hex'),
    ...(await more()),
  }
  if (port) settings.port = port
  // An earlier version chose ports that no browser opens.
  else if (browsersRefuse(settings.port)) settings.port = await freePort(firstHttpPort)
  writePrivately(join(dir, 'settings.json'), `${JSON.stringify(settings, null, 2)}\n`)
  return settings
}

/** The settings of an earlier start, or null before the first. */
function readSettings(dir: string): Settings | null {
  const file = join(dir, 'settings.json')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    return JSON.parse(text) as Settings
  } catch (cause) {
    throw new Error(
      `${file} cannot be read. Bring it back from a backup; without it no customer's password is known.`,
      {
        cause,
      },
    )
  }
}

/** Written beside and renamed, so that a crash leaves the old file or the new one; readable by us alone. */
export function writePrivately(file: string, text: string): void {
  const half = `${file}.${process.pid}.new`
  writeFileSync(half, text, { mode: 0o600 })
  renameSync(half, file)
}

function secret(): string {
  return randomBytes(24).toString('base64url')
}

/**
 * The first port from `first` on that nobody listens on. Not one of the kernel's choice: those lie in the range
 * from which outgoing connections take theirs, and a kept port must be free at every later start.
 */
export async function freePort(first: number): Promise<number> {
  for (let port = first; port < first + 1_000; port++) {
    if (browsersRefuse(port)) continue
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
  throw new Error(`No port from ${first} to ${first + 999} is free.`)
}
