import { PostgresFailed } from './failed.js'

interface Listening {
  port: number
  socketDir: string
  tcpHost: string | null
}

// Whatever makes a commit durable (fsync, synchronous_commit, full_page_writes) stays at PostgreSQL's own default: on.
const defaults: Record<string, string> = {
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '512MB',
  // Queries here are short; compiling them costs more than it gains.
  jit: 'off',
  password_encryption: 'scram-sha-256',
  timezone: 'UTC',
  log_timezone: 'UTC',
  datestyle: 'iso, ymd',
  log_line_prefix: '%m [%p] ',
  log_checkpoints: 'off',
  // A failed statement may hold a password, and the detail of an error holds the row. Neither goes into the log.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}

/** The whole of postgresql.conf. Of a setting named twice PostgreSQL takes the last, so where it listens is ours alone. */
export function configuration(extra: Record<string, string>, listening: Listening): string {
  const fixed = {
    listen_addresses: listening.tcpHost ?? '',
    port: String(listening.port),
    unix_socket_directories: listening.socketDir,
    unix_socket_permissions: '0700',
  }
  const lines = Object.entries({ ...defaults, ...extra, ...fixed }).map(
    ([name, value]) => `${checked(name)} = ${quoted(value)}`,
  )
  return `# Written anew at every start. Change settings where the server is started, not here.\n${lines.join('\n')}\n`
}

/** The whole of pg_hba.conf: a password for everyone, on every way in there is. */
export function hostAuthentication(tcpHost: string | null): string {
  const rules = ['local all all scram-sha-256']
  if (tcpHost) rules.push(`host all all ${tcpHost}/32 scram-sha-256`)
  return `${rules.join('\n')}\n`
}

function checked(name: string): string {
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/i.test(name))
    throw new PostgresFailed(`"${name}" is not the name of a PostgreSQL setting.`)
  return name
}

function quoted(value: string): string {
  if (/[\n\r\0]/.test(value)) throw new PostgresFailed('A PostgreSQL setting must fit on one line.')
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
