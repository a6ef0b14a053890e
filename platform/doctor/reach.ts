import http from 'node:http'
import https from 'node:https'
import type { TLSSocket } from 'node:tls'
import { type Finding, ok, problem, warning } from '@mortise/contract/finding'
import type { Caller } from '@mortise/contract/platform-api/caller'

const answerMsMax = 5_000
const answerBytesMax = 64 * 1024
/** Renewed in time, a certificate has more. */
export const certificateDaysMin = 14
/** Nobody's address, which a proxy must not pass on as ours. Source: RFC 5737. */
const foreignAddress = '203.0.113.77'

interface Answer {
  status: number
  headers: http.IncomingHttpHeaders
  body: string
  /** Of the certificate that was shown. */
  validTo: Date | null
}

/** One look at an address, by the machine's own trust; what went wrong is thrown. */
function ask(url: string, headers: Record<string, string>, ca?: string): Promise<Answer> {
  return new Promise((done, failed) => {
    const isTls = url.startsWith('https:')
    const request = (isTls ? https : http).request(url, { headers, agent: false, ...(ca ? { ca } : {}) }, (answer) => {
      let body = ''
      const certificate = isTls ? (answer.socket as TLSSocket).getPeerCertificate() : null
      answer.setEncoding('utf8').on('data', (part) => {
        body += part
        if (body.length > answerBytesMax) request.destroy(new Error('the answer is too long'))
      })
      answer.on('end', () =>
        done({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body,
          validTo: certificate?.valid_to ? new Date(certificate.valid_to) : null,
        }),
      )
    })
    request.setTimeout(answerMsMax, () => request.destroy(new Error(`no answer within ${answerMsMax / 1000} s`)))
    request.on('error', failed)
    request.end()
  })
}

/** Whether a process answers on its own port. @param address `HOST:PORT` as it listens; null when none is known */
export async function lookAtPort(address: string | null): Promise<Finding> {
  if (address === null) return problem('port', 'No process answers requests.', 'Start the server.')
  try {
    const { status } = await ask(`http://${address}/health`, { host: 'localhost' })
    if (status === 200) return ok('port', `The server answers at ${address}.`)
    return problem(
      'port',
      `The server at ${address} answers /health with ${status}.`,
      'Look for faults in mortise.log.',
    )
  } catch (error) {
    const next = 'Look whether it runs, and whether something else took its port.'
    return problem('port', `Nothing answers at ${address} (${(error as Error).message}).`, next)
  }
}

/**
 * The way that people take: by the public address, through whatever stands in front.
 * @param ca further certificates that are trusted, as PEM
 */
export async function lookAtUrl(url: string, now: Date, ca?: string): Promise<Finding[]> {
  let seen: Answer
  try {
    seen = await ask(`${url}/caller`, { 'x-forwarded-for': foreignAddress }, ca)
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    const isTls = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(reason)
    return [
      problem(
        'public address',
        `${url} can't be reached from here (${reason}).`,
        isTls
          ? 'Give the proxy a certificate for that name that clients trust; see docs/operating/tls.md.'
          : 'Check its DNS entry, the firewall, and the proxy in front; see docs/operating/tls.md.',
      ),
    ]
  }
  const caller = callerIn(seen)
  if (!caller) {
    const next = 'Let the proxy pass everything at that address on to the server, errors and all.'
    return [problem('public address', `Something else than Mortise answers at ${url} (${seen.status}).`, next)]
  }
  return [
    ok('public address', `${url} leads to the server.`),
    ...(seen.validTo ? [lookAtCertificate(seen.validTo, now)] : []),
    lookAtProxy(url, caller),
    ...(url.startsWith('https:') ? [lookAtHsts(seen)] : []),
  ]
}

function callerIn({ status, body }: Answer): Caller | null {
  try {
    const read = JSON.parse(body) as Caller
    return status === 200 && typeof read.address === 'string' && typeof read.is_trusted === 'boolean' ? read : null
  } catch {
    return null
  }
}

function lookAtCertificate(validTo: Date, now: Date): Finding {
  const days = Math.floor((validTo.getTime() - now.getTime()) / 86_400_000)
  const next = 'Renew it, and let a timer do so; see docs/operating/tls.md.'
  if (days < certificateDaysMin) return warning('certificate', `It runs out in ${days} days.`, next)
  return ok('certificate', `It is good for ${days} more days.`)
}

/** We claimed to be somebody else: a proxy that sets the headers right does not let that through. */
function lookAtProxy(url: string, caller: Caller): Finding {
  const next = 'See the exact lines for nginx and Caddy in docs/operating/tls.md.'
  const [check, wanted] = ['proxy headers', new URL(url)]
  if (caller.address === foreignAddress) {
    return problem(
      check,
      `Anybody can say who they are: the server believed an X-Forwarded-For of ours (${foreignAddress}).`,
      `Let the proxy set X-Forwarded-For itself, and trust no one but it. ${next}`,
    )
  }
  if (!caller.is_trusted && wanted.protocol === 'https:') {
    return warning(
      check,
      `The server does not trust the proxy at ${caller.address}, so everybody seems to come from there.`,
      `Start the server with --trusted-proxy ${caller.address}.`,
    )
  }
  if (caller.host !== wanted.host) {
    return problem(
      check,
      `The proxy asks for ${caller.host} instead of ${wanted.host}.`,
      `Let it pass on Host. ${next}`,
    )
  }
  if (`${caller.proto}:` !== wanted.protocol) {
    const said = `The server takes requests to ${url} for ${caller.proto}.`
    return problem(check, said, `Let the proxy set X-Forwarded-Proto to $scheme. ${next}`)
  }
  return ok(check, 'Client, scheme and host arrive as they are.')
}

function lookAtHsts({ headers }: Answer): Finding {
  if (headers['strict-transport-security']) return ok('HSTS', 'Browsers are told to come by https only.')
  const next = 'Start the server with --url and the https address, and let the proxy pass its headers on.'
  return warning('HSTS', 'Browsers are not told to come by https only.', next)
}
