import { startTestPostgres } from '../platform/db/test-postgres.js'

/** One PostgreSQL for the whole run. Workers are forked afterwards and find it in their environment. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestPostgres()
  process.env['MORTISE_TEST_POSTGRES'] = server.connection
  return server.stop
}
