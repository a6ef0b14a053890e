import type { Readable, Writable } from 'node:stream'

/** One line of an app's formation: how many dynos of a process type, and what they run. */
export interface DynoSpec {
  type: string
  command: string
  quantity: number
  size: string
}

/** Everything a driver needs to run one release; it asks nobody for more. */
export interface ReleaseSpec {
  app: { id: string; name: string }
  /** The release's number: 12 for v12. */
  version: number
  /** A .tgz on the local disk. */
  /** `folder`: where in the archive the app lies, when that is not its top. */
  slug: { id: string; file: string; folder?: string }
  /** The complete environment, already checked. */
  config: Record<string, string>
  /** What is wanted; a quantity of 0 means none. */
  formation: DynoSpec[]
}

export type DynoState = 'starting' | 'up' | 'idle' | 'crashed' | 'down'

/** One running process of an app, as it was when asked. A copy: changing it changes nothing. */
export interface Dyno {
  id: string
  /** `web.1`; unique among the dynos of a release, while `id` is unique for good. */
  name: string
  type: string
  command: string
  size: string
  state: DynoState
  appId: string
  version: number
  pid?: number
  port?: number
  startedAt: Date
  updatedAt: Date
  exit?: { code: number | null; signal: string | null }
}

/** `failed`: the old dynos still serve and the new ones are gone; `message` is for the customer. */
export type RollOutcome = { outcome: 'rolled' } | { outcome: 'failed'; message: string }

export interface RollHooks {
  /** Told, in a short sentence, where the roll is. */
  onStep?(text: string): void
  /** How long a new web dyno may take to accept a connection; 60 s unless told. */
  healthMs?: number
}

/** A process outside the formation: `heroku run` or a release command. */
export interface OneOff {
  id: string
  /** `run.1234` or `release.5678`. */
  name: string
  exited: Promise<{ code: number | null; signal: string | null }>
  /** SIGTERM, then SIGKILL; resolves when it is gone. May be repeated. */
  stop(): Promise<void>
  /** Only when attached. */
  stdin?: Writable
  /** stdout and stderr together; only when attached, otherwise they go to the log. */
  output?: Readable
  /** Only with a terminal. Never throws. */
  resize?(size: TerminalSize): void
}

/** A terminal's size in characters. */
export interface TerminalSize {
  columns: number
  rows: number
}

export interface OneOffOptions {
  /** Made up from the type when it is left out: `run.1234`. */
  name?: string
  /** `run` unless told; the name's first part when there is a name. */
  type?: string
  size?: string
  attach?: boolean
  /** With `attach`: on a terminal of this size. Where a driver can't open one, plain streams are attached. */
  terminal?: TerminalSize
  /** Beside the release's config, which it wins over. */
  env?: Record<string, string>
  timeoutMs?: number
}

/** Which dynos are meant: one by name, all of a type, or (neither) all. */
export interface Which {
  name?: string
  type?: string
}

/** Where a web dyno listens. The two optional parts are for a router that lives in the same process. */
export interface WebTarget {
  host: string
  port: number
  /** The dyno's name, for the router's log line. */
  dyno?: string
  /**
   * Tells the driver that a request begins; the answer is called once when it is over. A roll ends an old dyno only
   * when its requests are over (or a limit has passed), even if the app dies at once on SIGTERM.
   */
  begin?(): () => void
}

/**
 * Runs releases somewhere. Calls for one app are done one after the other, whoever makes them; different apps don't
 * wait for each other. Nothing is kept between two lives of the platform: after a start, what is wanted is rolled anew.
 */
export interface Driver {
  /** Starts the new dynos, waits until they are healthy, moves the router over, and only then ends the old ones. */
  roll(spec: ReleaseSpec, hooks?: RollHooks): Promise<RollOutcome>
  /**
   * Starts or ends dynos until the wanted quantities run, leaving healthy dynos of the same release alone.
   * Another release than the one that runs is rolled.
   * @throws Error when such a roll fails; the message is for the customer
   */
  scale(spec: ReleaseSpec): Promise<void>
  /** Replaces dynos by fresh ones of the same release; the old one serves until the new one is healthy. @returns how many */
  restart(appId: string, which?: Which): Promise<number>
  /** Ends dynos; they stay `down` until restarted, scaled or rolled. @returns how many */
  stopDyno(appId: string, which: Which): Promise<number>
  /** Starts a process with the release's slug and config. Resolves when it runs. */
  run(spec: ReleaseSpec, command: string, options?: OneOffOptions): Promise<OneOff>
  list(appId?: string): Dyno[]
  /** Stops and forgets everything of an app. May be repeated. */
  remove(appId: string): Promise<void>
  /** The web dynos that are up. Cheap: asked for every request. */
  webTargets(appId: string): WebTarget[]
  /** Hears of every change of a dyno's state. @returns how to stop hearing */
  onChange(listener: (dyno: Dyno) => void): () => void
  /** Ends everything this driver started. May be repeated. */
  stop(): Promise<void>
}
