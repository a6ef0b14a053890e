import { ApiError } from '@mortise/contract/client'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { type Api, connect } from './api.js'
import { credentialsFile, readCredential } from './credentials.js'
import { explain, Failure, wrongUsage } from './failure.js'
import { defaultHost, originOf } from './host.js'
import { type Paint, paintFor } from './paint.js'
import { plainText } from './plain-text.js'
import { type Progress, silentProgress, startProgress } from './progress.js'

/** What every command takes and does: where the server is, who calls, results on stdout, the rest on stderr. */
export abstract class MortiseCommand extends Command {
  static override enableJsonFlag = true
  static override baseFlags = {
    host: Flags.string({
      env: 'MORTISE_HOST',
      helpGroup: 'GLOBAL',
      helpValue: 'URL',
      description: `the server (default ${defaultHost})`,
    }),
  }

  protected readonly paint: Paint = paintFor(process.stdout, process.env)
  protected readonly credentialsFile = credentialsFile(process.env)

  /** The API as whoever is signed in; calls nothing by itself. */
  protected async connect(flags: { host?: string }): Promise<Api> {
    const host = this.hostOf(flags)
    const token = process.env['MORTISE_API_KEY'] || (await readCredential(this.credentialsFile, host))?.token
    return this.connectAs(host, token)
  }

  protected connectAs(host: string, token?: string): Api {
    return connect({
      host,
      token,
      userAgent: `mortise-cli/${this.config.version}`,
      onWarning: (text) => process.stderr.write(`Warning: ${text}\n`),
    })
  }

  protected hostOf(flags: { host?: string }): string {
    return originOf(flags.host || defaultHost)
  }

  /** Tells what is being done while `work` runs; its failure ends the line and goes on up. */
  protected async during<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T> {
    const progress = this.jsonEnabled() ? silentProgress : startProgress(plainText(title), process.stderr)
    try {
      const result = await work(progress)
      progress.done()
      return result
    } catch (error) {
      if (error instanceof ApiError && error.id === 'confirmation_required') progress.done('to be confirmed')
      else progress.failed()
      throw error
    }
  }

  /** Says something beside the result. */
  protected note(text: string): void {
    if (!this.jsonEnabled()) process.stderr.write(`${plainText(text)}\n`)
  }

  /** With --json an error is JSON too, on stdout, with the exit code that it has anyway. */
  protected override async catch(thrown: Error): Promise<void> {
    const error = this.writtenWithASpace(thrown) ?? thrown
    if (!this.jsonEnabled()) throw error
    const { id, kind, message, next, exitCode } = explain(error, process.env)
    process.exitCode = exitCode
    this.logJson({ error: { id: id ?? kind, message, ...(next ? { next } : {}) } })
  }

  /** `addons create` is how other tools write `addons:create`; here the second word looks like an argument. */
  private writtenWithASpace(error: Error): Error | undefined {
    const meant = `${this.id}:${this.argv.find((word) => !word.startsWith('-'))}`
    if (!error.message.startsWith('Unexpected argument') || !this.config.findCommand(meant)) return undefined
    return wrongUsage(error.message.split('\n')[0]!, `Did you mean ${meant}?`)
  }
}

/** `-a, --app`: which app a command is about. */
export const appFlag = Flags.string({
  char: 'a',
  env: 'MORTISE_APP',
  helpValue: 'APP',
  description: 'the app (or MORTISE_APP)',
})

export const confirmFlag = Flags.string({
  char: 'c',
  helpValue: 'APP',
  description: 'confirm by the name of the app, instead of being asked',
})

/** The app that a command can't do without. */
export function appOf(flags: { app?: string }): string {
  if (!flags.app) throw wrongUsage('Which app?', 'Pass --app APP, or set MORTISE_APP.')
  return flags.app
}

/** The app from an argument or from the flag; both are fine while they agree. */
export function namedApp(argument: string | undefined, flags: { app?: string }): string {
  if (argument && flags.app && argument !== flags.app && !process.env['MORTISE_APP']) {
    throw wrongUsage(`${argument} or ${flags.app}?`, 'Name the app once.')
  }
  return argument ?? appOf(flags)
}

export { Failure, Flags }
