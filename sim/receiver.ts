import type { OutboundAnswer, OutboundQuestion } from '../platform/http/outbound.js'
import { answer } from './faults.js'
import type { Random } from './random.js'
import type { Schedule } from './schedule.js'
import type { Story } from './story.js'

/** Somebody who wants to hear of events. */
export interface Receiver {
  url: string
  level: 'notify' | 'sync'
  /** Numbers of the events that it took, in the order in which they came. */
  taken: number[]
  lies: number
  receive(question: OutboundQuestion): Promise<OutboundAnswer>
}

export function simulatedReceiver(
  url: string,
  level: Receiver['level'],
  { schedule, random, story }: { schedule: Schedule; random: Random; story: Story },
): Receiver {
  const wait = (ms: number) => schedule.wait('world', 'receiver', ms)
  const receiver: Receiver = {
    url,
    level,
    taken: [],
    lies: 0,
    async receive(question) {
      const { sequence } = JSON.parse(question.body ?? '{}') as { sequence: number }
      await wait(random.between(2, 200))
      if (!random.happens(receiver.lies)) {
        receiver.taken.push(sequence)
        return answer(204, '')
      }
      const way = random.pick(['refused', 'silent', 'lost', 'broken', '500', '302', 'busy'] as const)
      story.reached('fault', `webhook × ${way}`)
      switch (way) {
        case 'refused':
          return { got: 'not sent', reason: 'ECONNREFUSED' }
        case 'silent':
          await wait(10_000)
          return { got: 'silence', reason: 'no answer within 10 s' }
        case 'lost':
          receiver.taken.push(sequence)
          await wait(10_000)
          return { got: 'silence', reason: 'no answer within 10 s' }
        case 'broken':
          return { got: 'silence', reason: 'ECONNRESET' }
        case '500':
          return answer(500, 'oops')
        case '302':
          return answer(302, '', { location: 'http://169.254.169.254/' })
        case 'busy':
          return answer(429, '', { 'retry-after': '120' })
      }
    },
  }
  return receiver
}
