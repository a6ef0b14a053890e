import { ApiError } from '@mortise/contract/client'
import { Failure } from './failure.js'
import { plainText } from './plain-text.js'
import { ask, canAsk } from './prompt.js'

/** Asks a person to type the app's name; a script must have passed it. */
export interface Asker {
  canAsk(): boolean
  ask(question: string): Promise<string>
}
const person: Asker = { canAsk, ask }

/**
 * Makes sure that the caller means this app.
 * @param given what --confirm said; asked for when absent
 * @throws Failure when the name differs, or when nobody can be asked
 */
export async function confirmApp(app: string, warning: string, given?: string, asker: Asker = person): Promise<void> {
  if (given === app) return
  if (given !== undefined) {
    throw new Failure(`--confirm says ${given}, but this is about ${app}. Nothing was done.`, {
      next: `Pass --confirm ${app}`,
    })
  }
  if (!asker.canAsk()) throw new Failure(plainText(warning), { next: `Pass --confirm ${app} to go on.` })
  const typed = await asker.ask(`${plainText(warning)}\nTo go on, type ${app}: `)
  if (typed.trim() !== app) throw new Failure(`That was not ${app}. Nothing was done.`)
}

/**
 * Makes a call that the server may want confirmed: asks for the app's name and repeats it with that.
 * The server says what would be overwritten; only it can know.
 */
export async function withConfirmation<T>(
  app: string,
  given: string | undefined,
  call: (confirm: string | undefined) => Promise<T>,
  asker: Asker = person,
): Promise<T> {
  try {
    return await call(given)
  } catch (error) {
    if (!(error instanceof ApiError) || error.id !== 'confirmation_required') throw error
    // The right name was already sent: asking again could only loop.
    if (given === app) throw error
    await confirmApp(app, error.message, given, asker)
    return await call(app)
  }
}
