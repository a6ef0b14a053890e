import type { FastifyReply } from 'fastify'

const name = 'X-Heroku-Warning'
const charsMax = 1000

/**
 * Something that the caller should know although the request succeeded, such as a plan that will end. Clients print it
 * once on stderr. Several are put one after the other. Source: platform-api, "Warnings".
 */
export function warn(reply: FastifyReply, text: string): void {
  const before = reply.getHeader(name)
  // A header is one line, and not every client reads more than ASCII there.
  const line = text.replace(/[^\x21-\x7e]+/g, ' ').trim()
  reply.header(name, `${before === undefined ? '' : `${before} `}${line}`.slice(0, charsMax))
}
