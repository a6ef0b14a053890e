import type { IncomingMessage } from 'node:http'

const overridden = new Set(['PUT', 'PATCH', 'DELETE'])

/**
 * For callers behind a proxy that lets only GET and POST through: a POST may say what it means. Never a GET, which
 * other sites can make a browser send. Source: platform-api, "Methods".
 */
export function overrideMethod(request: IncomingMessage): void {
  const wanted = String(request.headers['x-http-method-override'] ?? '').toUpperCase()
  if (request.method === 'POST' && overridden.has(wanted)) request.method = wanted
}
