/**
 * `failed`: provision refused or broke; the next repeat tries again. `removed`: a tombstone, kept so that a late
 * repeat of the request for it is answered 410 instead of making an orphan.
 */
export type ResourceState = 'provisioning' | 'provisioned' | 'failed' | 'removing' | 'removed'

/** What the provider remembers of one add-on. */
export interface Resource {
  uuid: string
  name: string | null
  plan: string
  region: string
  options: Record<string, string>
  state: ResourceState
  /** The config last answered, under the service's own names. Holds secrets. */
  config: Record<string, string> | null
  message: string | null
  logDrainUrl: string | null
  /** Where a platform of the first generation tells and takes the config of the app; null from others. */
  callbackUrl: string | null
  /** Where log lines about the resource may be posted; holds a token. Null unless the manifest requires `log_input`. */
  logInputUrl: string | null
  /** By which the app's log lines come, if the manifest requires `syslog_drain`. A secret. */
  logDrainToken: string | null
  /** What the change to the present plan answered, to be repeated; null before the first change. */
  planAnswer: { config?: Record<string, string>; message?: string } | null
}

/** The tokens that the grant of one add-on was traded for. Secrets. */
export interface Tokens {
  accessToken: string
  refreshToken: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

/**
 * Where a provider keeps its resources. There are `memoryStore` for tests and first steps, `fileStore` for one process
 * on one machine, and `postgresStore`; another one is a table with a unique uuid. All of it may be called at the same time, and `claim` is what keeps two requests apart.
 */
export interface ResourceStore {
  get(uuid: string): Promise<Resource | null>
  list(): Promise<Resource[]>
  /** Those after this uuid (null: from the first), by uuid, at most so many. Without it pages are cut from `list`. */
  page?(after: string | null, limit: number): Promise<Resource[]>
  /**
   * Runs `work` while nobody else, in any process, works on this uuid; others wait. Releases it also when `work`
   * throws. Not reentrant.
   */
  claim<T>(uuid: string, work: () => Promise<T>): Promise<T>
  save(resource: Resource): Promise<void>
  /** Leaves a tombstone without config and tokens; also for a uuid that was never seen. */
  remove(uuid: string): Promise<void>
  tokens(uuid: string): Promise<Tokens | null>
  saveTokens(uuid: string, tokens: Tokens): Promise<void>
  /** Remembers a sign-on token until then. False when it was used before. */
  useOnce(token: string, until: Date, now: Date): Promise<boolean>
}
