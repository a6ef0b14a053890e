import type { FastifyInstance } from 'fastify'

/** The certificate that clients meet when they attach to a one-off; public, so that they can be told to trust it. */
export function certificatePage(certificate: string): (server: FastifyInstance) => void {
  return (server) => {
    server.get('/ca.pem', async (_, reply) => {
      reply.header('Cache-Control', 'no-cache')
      return reply.type('application/x-pem-file').send(certificate)
    })
  }
}
