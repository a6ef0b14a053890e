import type { Bench } from './bench.js'

/** One thing that was tried. */
export interface Tried {
  what: string
  /** Null when it went as it should; else what was seen. */
  problem: string | null
}

/**
 * The whole life of an add-on once, with a repeated and a lost answer; whatever it made is removed again.
 * @param isFirstGeneration whether it speaks version 1 of the wire
 * @param seen how many exchanges so far were answered differently when sent again
 */
export async function rehearse(
  bench: Bench,
  isFirstGeneration: boolean,
  seen: () => number,
  tell: (tried: Tried) => void,
): Promise<Tried[]> {
  const all: Tried[] = []
  async function attempt(what: string, work: () => Promise<string | null>): Promise<void> {
    const problem = await work().catch((error: Error) => error.message)
    const tried = { what, problem }
    all.push(tried)
    tell(tried)
  }
  let isThere = false
  const provision = async () => {
    await bench.provision()
    isThere = true
    return null
  }
  // One at a time: a service may allow an app no second one.
  const deprovision = async () => {
    if (isThere) await attempt('deprovision', () => bench.deprovision().then(() => null))
    isThere = false
  }

  await attempt('provision', provision)
  if (isThere) {
    if ((await bench.plans()).length > 1) await attempt('change the plan', () => bench.changePlan().then(() => null))
    await attempt('sign on', async () => {
      const { statuses } = await bench.signOn()
      return statuses.at(-1) === 200 ? null : `it ended with ${statuses.join(', ')}`
    })
  }
  await deprovision()
  await attempt('provision, and say it twice', async () => {
    const before = seen()
    bench.misbehave({ repeat: true })
    return (await provision()) ?? (seen() > before ? 'the same request was answered differently' : null)
  })
  await deprovision()
  // There the id is in the answer, and a platform that lost it gives up instead of asking for a second one.
  if (!isFirstGeneration) {
    await attempt('provision, and lose the answer', () => {
      bench.misbehave({ lose: true })
      return provision()
    })
    await deprovision()
  }
  await attempt('nothing is left', async () => {
    const left = await bench.addons()
    return left.length ? `left: ${left.map(({ name }) => name).join(', ')}` : null
  })
  return all
}
