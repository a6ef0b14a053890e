import { silence } from './api.js'
import { Failure } from './failure.js'

/**
 * Reads a build's or a release's output as it is written, line by line; ends when the server ends it.
 * The address is the permission, so no token goes with it.
 */
export async function* outputLines(address: string): AsyncGenerator<string> {
  const { origin } = new URL(address)
  let rest = ''
  try {
    const answer = await fetch(address, { redirect: 'error' })
    if (!answer.ok) throw new Failure(`The output is not there (answer ${answer.status}).`)
    if (!answer.body) return
    const decoder = new TextDecoder()
    for await (const chunk of answer.body) {
      rest += decoder.decode(chunk as Uint8Array, { stream: true })
      const lines = rest.split('\n')
      rest = lines.pop()!
      yield* lines
    }
  } catch (error) {
    throw error instanceof Failure ? error : silence(origin, error, false)
  }
  if (rest) yield rest
}
