/**
 * How a client talks to an attached one-off.
 *
 * The answer to `POST /apps/:app/dynos {attach: true}` holds `attach_url`, `rendezvous://host:port/SECRET`. There are two
 * doors to the same place; the secret opens either one, once, within a minute.
 *
 * 1. *Rendezvous*, which is Heroku's: TLS to host:port, send `SECRET\r\n`, receive one packet (`rendezvous\r\n`), then raw
 *    bytes both ways. EOT (0x04) as the last byte of a packet ends the input. The end of the connection is the end.
 * 2. *WebSocket*, which is ours and passes proxies: `GET /attach/SECRET` at the API's own address. Binary messages are
 *    bytes both ways; text messages are the JSON below, and the last one tells how the process ended.
 */
export type FromClient =
  /** The terminal has another size now. */
  | { resize: { columns: number; rows: number } }
  /** There is no more input. */
  | { end: true }

export interface FromServer {
  exit: { code: number | null; signal: string | null }
}

export const attachPath = (secret: string) => `/attach/${secret}`

/** The secret in an `attach_url`; null when it is no such address. */
export function secretIn(attachUrl: string | null): string | null {
  return /^rendezvous:\/\/[^/]+\/([A-Za-z0-9_-]+)$/.exec(attachUrl ?? '')?.[1] ?? null
}
