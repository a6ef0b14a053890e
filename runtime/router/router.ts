import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebTarget } from '../driver.js'
import type { LogSink } from '../logs/logs.js'

export interface RouterOptions {
  /** Where an app's web dynos listen now; `driver.webTargets`. */
  targets(appId: string): WebTarget[]
  logs: LogSink
  /** Time to the first byte of the answer, 30 s unless told (H12). */
  timeoutMs?: number
  /** Whether an app without targets has crashed (H10) rather than no web dynos at all (H14). */
  isCrashed?(appId: string): boolean
}

export interface Router {
  handle(appId: string, req: IncomingMessage, res: ServerResponse): void
  upgrade(appId: string, req: IncomingMessage, socket: Duplex, head: Buffer): void
}

export declare function createRouter(options: RouterOptions): Router
