import { ApiError } from './api.js'

// Keys of what was asked for and not answered, by what it was. In memory: a page that is loaded anew begins anew.
const unanswered = new Map<string, string>()

/**
 * Asks for something that must not be made twice. When the answer is lost on its way and the same is asked for again, the
 * server is told by its key that it is the same, and answers what it did the first time.
 * @param what the request in words, the same for the same request
 */
export async function askOnce<T>(what: unknown, ask: (headers: Record<string, string>) => Promise<T>): Promise<T> {
  const text = JSON.stringify(what)
  const key = unanswered.get(text) ?? newKey()
  unanswered.set(text, key)
  try {
    const answer = await ask({ 'idempotency-key': key })
    unanswered.delete(text)
    return answer
  } catch (error) {
    // A refusal is an answer. 409 says that the first one is still under way; after the server's own trouble nobody knows.
    if (error instanceof ApiError && error.status < 500 && error.status !== 409) unanswered.delete(text)
    throw error
  }
}

// Not randomUUID, which is there only on secure origins.
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join('-')
