import { stateText } from '../addon.js'
import { openInBrowser } from '../open-url.js'
import { plainText } from '../plain-text.js'
import type { Bench } from './bench.js'

/** What a line or a key may ask for. */
export interface Word {
  /** As it is typed; its first letter, or `key`, is its key on a terminal. */
  name: string
  key: string
  takes?: string
  does: string
  /** @returns what to say */
  run(bench: Bench, argument: string | undefined): Promise<string>
}

/** Seconds of `delay` without a number: past the 3 s that a platform likes to wait. */
const delaySeconds = 5

export const words: readonly Word[] = [
  {
    name: 'provision',
    key: 'p',
    takes: 'PLAN',
    does: 'order an add-on for the sample app',
    run: async (bench, plan) => {
      const { name, config_vars } = await bench.provision(plan)
      return `${name} is there; the app has ${config_vars.join(', ') || 'no config vars of it'}.`
    },
  },
  {
    name: 'change',
    key: 'c',
    takes: 'PLAN',
    does: 'change the plan of the newest add-on; to the next one without PLAN',
    run: async (bench, plan) => {
      const { name, plan: after } = await bench.changePlan(plan)
      return `${name} has the plan ${String(after['name'])}.`
    },
  },
  {
    name: 'sign-on',
    key: 's',
    does: 'open its page by single sign-on, as a browser does',
    run: async (bench) => {
      const { statuses, url, title } = await bench.signOn()
      return `Answered ${statuses.join(', then ')}${title === null ? '' : `: "${plainText(title)}"`}; ended at ${plainText(url)}. In your browser: ${await bench.pageUrl()}`
    },
  },
  {
    name: 'open',
    key: 'o',
    does: 'sign on to its page in your browser',
    run: async (bench) => {
      const url = await bench.pageUrl()
      return (await openInBrowser(url, process.env)) ? `Opening ${url}` : `Open this in your browser: ${url}`
    },
  },
  {
    name: 'deprovision',
    key: 'd',
    does: 'remove the newest add-on',
    run: async (bench) => `${(await bench.deprovision()).name} is gone.`,
  },
  {
    name: 'list',
    key: 'a',
    does: 'list the add-ons',
    run: async (bench) =>
      (await bench.addons())
        .map(({ name, plan, state }) => `${name}  ${String(plan['name'])}  ${stateText(state)}`)
        .join('\n') || 'There is no add-on.',
  },
  {
    name: 'repeat',
    key: 'r',
    does: 'send the next request twice',
    run: async (bench) => {
      bench.misbehave({ repeat: true })
      return 'The next request is sent twice.'
    },
  },
  {
    name: 'delay',
    key: 't',
    takes: 'SECONDS',
    does: `hold the next request back (${delaySeconds} s)`,
    run: async (bench, text) => {
      const seconds = text === undefined ? delaySeconds : Number(text)
      if (!(seconds >= 0 && seconds <= 120)) return 'Write a number of seconds up to 120.'
      bench.misbehave({ delayMs: seconds * 1_000 })
      return `The next request is held back for ${seconds} s.`
    },
  },
  {
    name: 'lose',
    key: 'l',
    does: "lose the next answer on its way; the platform can't know whether it was done",
    run: async (bench) => {
      bench.misbehave({ lose: true })
      return 'The next answer is lost.'
    },
  },
]

export function wordOf(typed: string): Word | undefined {
  return words.find(({ name, key }) => name === typed || key === typed)
}

export function helpText(): string {
  const shown = words.map(({ name, key, takes, does }) => [`${key}  ${name}${takes ? ` [${takes}]` : ''}`, does])
  const more = [
    ['h  help', 'this list'],
    ['q  quit', 'end; what was made stays, and is there the next time'],
  ]
  return [...shown, ...more].map(([left = '', right]) => `  ${left.padEnd(24)}${right}`).join('\n')
}
