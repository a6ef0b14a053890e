import type { Outbound } from '../http/outbound.js'
import { isCertificateFault } from '../http/outbound-socket.js'
import type { World } from '../world/world.js'
import type { Frame } from './buffer.js'

/** From the question until the answer. Source: Logplex, http drain. */
export const requestMs = 5_000
/** After the first try. Source: the same. */
export const retriesMax = 2
const slotMs = 10
const slotsMax = 10
const answerBytesMax = 4 * 1024
/** Receivers tell these requests from others by the word before the slash. */
export const userAgent = 'Logplex/mortise'

export type Delivered =
  | { outcome: 'taken' }
  /** It said so, and would say so again: the receiver is there. */
  | { outcome: 'refused'; reason: string }
  /** Nobody took it, however often it was tried. Not sent: nobody was there to see it either, so it may be sent later. */
  | { outcome: 'failed'; reason: string; isSent: boolean; isCertificate: boolean }

/** Sends one frame over https, as often as it may be. Never throws. */
export async function postFrame(
  deps: { outbound: Outbound; world: World },
  to: { url: string; token: string },
  frame: Frame,
  signal: AbortSignal,
): Promise<Delivered> {
  const { outbound, world } = deps
  const { address, authorization } = withoutUser(to.url)
  const headers = {
    'content-type': 'application/logplex-1',
    'logplex-msg-count': String(frame.count),
    // The same at each try, so that a receiver knows what it has already.
    'logplex-frame-id': world.id(),
    'logplex-drain-token': to.token,
    'user-agent': userAgent,
    ...(authorization ? { authorization } : {}),
  }
  let reason = 'not tried'
  let isSent = false
  for (let tries = 0; tries <= retriesMax && !signal.aborted; tries++) {
    if (tries > 0) await world.sleep(backOff(world, tries), signal)
    const answer = await outbound.send({
      method: 'POST',
      url: address,
      headers,
      body: frame.text,
      timeoutMs: requestMs,
      answerBytesMax,
      keepsConnection: true,
    })
    if (answer.got !== 'answer') {
      reason = answer.reason
      if (answer.got === 'silence') isSent = true
      else if (isCertificateFault(reason)) return { outcome: 'failed', reason, isSent, isCertificate: true }
      continue
    }
    isSent = true
    const { status } = answer
    if (status >= 200 && status < 300) return { outcome: 'taken' }
    reason = `answered ${status}`
    if (status >= 400 && status < 500 && status !== 429) return { outcome: 'refused', reason }
  }
  return { outcome: 'failed', reason, isSent, isCertificate: false }
}

/** So many slots of 10 ms, drawn from twice as many at each try. Source: Logplex, http drain. */
function backOff(world: World, tries: number): number {
  return slotMs * Math.floor(world.chance() * 2 ** Math.min(tries, slotsMax))
}

/** A URL's user and password go into a header; undici would refuse them where they are. */
function withoutUser(text: string): { address: string; authorization: string | null } {
  const url = new URL(text)
  const { username, password } = url
  url.username = ''
  url.password = ''
  if (!username && !password) return { address: url.href, authorization: null }
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { address: url.href, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}
