import { secretIn } from '@mortise/contract/platform-api/attach'

/** Which answers hold addresses that a client goes on to by itself, without a person or the server in between. */
const rewritten = /^\/(sources|apps\/[^/]+\/(sources|builds|releases|log-sessions|dynos))(\/[^/]+)?$/

export function mayHoldAddresses(path: string): boolean {
  return rewritten.test(path.replace(/\?.*$/, ''))
}

/**
 * Turns the addresses in an answer to ours: the output of builds, logs, uploads and one-offs. Those that people open
 * (`web_url`) stay, since browsers are signed in at the installation itself; so does `get_url`, which the client hands
 * back to the server as it is. All other bytes of the answer stay too.
 * @param remote origin of the installation
 * @param local where the proxy listens, `localhost:5056`
 */
export function withLocalAddresses(json: string, remote: string, local: string): string {
  return json
    .replace(
      /("(?:logplex_url|output_stream_url|put_url)"\s*:\s*")(https?:\/\/[^"/]+)/g,
      (whole, key: string, origin: string) => (hostOf(origin) === hostOf(remote) ? `${key}http://${local}` : whole),
    )
    .replace(/("attach_url"\s*:\s*")(rendezvous:\/\/[^"]+)/g, (whole, key: string, address: string) => {
      const secret = secretIn(address)
      return secret ? `${key}rendezvous://${local}/${secret}` : whole
    })
}

/** The secrets of attached one-offs that an answer names. */
export function attachSecrets(json: string): string[] {
  return [...json.matchAll(/"attach_url"\s*:\s*"(rendezvous:\/\/[^"]+)"/g)].flatMap(
    ([, url]) => secretIn(url ?? null) ?? [],
  )
}

// By host, not by scheme: an installation that does not know that TLS ends before it names http addresses.
const hostOf = (origin: string) => (URL.canParse(origin) ? new URL(origin).host : null)
