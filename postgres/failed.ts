/**
 * Why the embedded PostgreSQL could not be had, in one sentence that says what to do next.
 * It is meant to be printed as it is; `cause` keeps what lay beneath, where there was something.
 */
export class PostgresFailed extends Error {
  override name = 'PostgresFailed'
}
