import type { Duplex } from 'node:stream'
import { WireError } from '@mortise/contract/errors'

/**
 * Answers bytes that Node could not read as a request, in the body that every other error has. There is no request to
 * speak of yet, so this writes to the socket itself, and closes it: nothing more can be told apart on it.
 */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // The other side is gone, or an answer is under way that this would end up in.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { line, body } = told(error.code)
  const text = JSON.stringify(body)
  socket.end(
    `HTTP/1.1 ${line}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  )
}

function told(code: string | undefined): { line: string; body: object } {
  if (code === 'HPE_HEADER_OVERFLOW') {
    const message = 'The address and headers of the request are too long.'
    return { line: '431 Request Header Fields Too Large', body: new WireError('request_too_large', message).body }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return {
      line: '408 Request Timeout',
      body: new WireError('bad_request', 'The request did not arrive in time.').body,
    }
  }
  return { line: '400 Bad Request', body: new WireError('bad_request', 'This is no HTTP request.').body }
}
