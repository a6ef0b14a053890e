import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from '../api.js'
import { silence } from '../api.js'
import { appFlag, appOf, Failure, Flags, MortiseCommand } from '../command.js'
import { streamEvents } from '../log-stream.js'
import { colouredText } from '../plain-text.js'
import { realClock } from '../wait.js'

/** Between two tries to get a broken stream back, and how many in a row may fail. */
const reconnectMs = 1000
const reconnectsMax = 10

interface Question {
  dyno?: string
  source?: string
  lines: number
  tail: boolean
}

export default class Logs extends MortiseCommand {
  static override description = 'show what an app and the platform say'
  static override examples = ['$ mortise logs -a guestbook', '$ mortise logs -t --dyno worker.1 -a guestbook']
  static override flags = {
    app: appFlag,
    num: Flags.integer({ char: 'n', min: 0, max: 1500, description: 'how many lines (default 100)' }),
    tail: Flags.boolean({ char: 't', description: 'go on showing new lines' }),
    dyno: Flags.string({ char: 'd', description: 'only of a dyno or process type, like web.1 or web' }),
    source: Flags.string({ char: 's', description: 'only from "app" or "heroku" (the platform)' }),
  }

  async run() {
    const { flags } = await this.parse(Logs)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const question = { dyno: flags.dyno, source: flags.source, lines: flags.num ?? 100, tail: flags.tail ?? false }
    await this.follow(api, app, question)
  }

  /** Shows the stream; a tail that breaks is taken up again after the last line that was seen. */
  private async follow(api: Api, app: string, question: Question): Promise<void> {
    let address = await openSession(api, app, question)
    let lastId: string | undefined
    let failures = 0
    for (;;) {
      let broken: unknown
      try {
        const answer = await openStream(address, lastId)
        if (answer === 'expired') {
          // Only now can lines be missed: the new session starts with what comes.
          address = await openSession(api, app, { ...question, lines: lastId ? 0 : question.lines })
          lastId = undefined
          if (++failures > reconnectsMax) throw new Failure('The server ends the log as soon as it begins.')
          continue
        }
        for await (const event of streamEvents(answer)) {
          failures = 0
          lastId = event.id ?? lastId
          this.line(event.data)
        }
        if (!question.tail) return
      } catch (error) {
        if (error instanceof Failure) throw error
        broken = error
      }
      if (broken && (!question.tail || ++failures > reconnectsMax))
        throw silence(new URL(address).origin, broken, false)
      await realClock.sleep(reconnectMs)
    }
  }

  private line(text: string): void {
    if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify(parsed(text))}\n`)
    else process.stdout.write(`${process.stdout.isTTY ? this.coloured(text) : text}\n`)
  }

  private coloured(text: string): string {
    const [, head, rest] = /^(\S+ \S+\[[^\]]*\]:)([\s\S]*)$/.exec(text) ?? []
    return head === undefined ? colouredText(text) : this.paint.cyan(colouredText(head)) + colouredText(rest ?? '')
  }
}

/** `2026-11-23T22:43:15.000000+00:00 app[web.1]: text` in its parts. */
function parsed(text: string) {
  const [, at, source, dyno, said] = /^(\S+) ([^\s[]+)\[([^\]]*)\]: ?([\s\S]*)$/.exec(text) ?? []
  return at === undefined ? { text } : { at, source, dyno, text: said }
}

async function openSession(api: Api, app: string, question: Question): Promise<string> {
  const session = await api.call(routes.logs.createSession, { params: { app }, body: question })
  return session.logplex_url
}

async function openStream(address: string, lastId?: string): Promise<AsyncIterable<Uint8Array> | 'expired'> {
  const headers: Record<string, string> = { accept: 'text/event-stream' }
  if (lastId) headers['last-event-id'] = lastId
  // The address itself is the secret, so no token goes with it.
  const answer = await fetch(address, { headers, redirect: 'error' })
  if (answer.status === 403 || answer.status === 404) return 'expired'
  if (!answer.ok || !answer.body) throw new Failure(`The log is not there (answer ${answer.status}).`)
  return answer.body
}
