import type { Driver } from '../driver.js'
import type { LogSink } from '../logs/logs.js'
import type { Account } from '../process/account.js'

export interface LocalDriverOptions {
  /** Folder of the dynos' files and pid records; everything in it is ours to delete. */
  dir: string
  /** Whom dynos run as; null or absent: ourselves. Needs root. */
  account?: Account | null
  logs: LogSink
  /** Path of the node binary for dynos. */
  node?: string
  /** PATH of the dynos; node's folder and the system's unless told. */
  path?: string
  ids?: () => string
}

export declare function localDriver(options: LocalDriverOptions): Promise<Driver>
