import { createReadStream } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { pipeline } from 'node:stream/promises'
import { silence } from './api.js'
import { Failure } from './failure.js'

/** The connection may stand still this long before the upload is given up. */
const idleMs = 60_000

/**
 * Sends a file to an address that the server gave out. The address is the permission: no token goes with it,
 * and no content type, since storage services sign the exact headers.
 */
export async function upload(file: string, sizeBytes: number, address: string): Promise<void> {
  const url = new URL(address)
  const { request } = url.protocol === 'https:' ? https : http
  await new Promise<void>((resolve, reject) => {
    const failed = (error: unknown) => reject(silence(url.origin, error, false))
    const sending = request(url, { method: 'PUT', headers: { 'content-length': sizeBytes } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        if (text.length < 2000) text += chunk
      })
      answer.once('error', failed)
      answer.once('end', () => {
        const status = answer.statusCode ?? 0
        if (status >= 200 && status < 300) resolve()
        else reject(new Failure(`The source was not accepted: ${messageIn(text) ?? `answer ${status}`}`))
      })
    })
    sending.setTimeout(idleMs, () => sending.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })))
    sending.once('error', failed)
    // A refusal may come while the file is still being sent; the answer then says more than the broken pipe.
    pipeline(createReadStream(file), sending).catch(() => undefined)
  })
}

function messageIn(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    return typeof message === 'string' ? message : undefined
  } catch {
    return text.trim().slice(0, 300) || undefined
  }
}
