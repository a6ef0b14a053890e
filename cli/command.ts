import { ApiError } from '@mortise/contract/client'
import * as Args from '@oclif/core/args'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import type { Input, OutputArgs, OutputFlags, ParserOutput } from '@oclif/core/parser'
import { type Api, connect } from './api.js'
import { credentialsFile, readCredential } from './credentials.js'
import { explain, Failure, wrongUsage } from './failure.js'
import { defaultHost, originOf } from './host.js'
import { nearNames } from './near.js'
import { type Paint, paintFor } from './paint.js'
import { colouredText, plainText } from './plain-text.js'
import { type Progress, silentProgress, startProgress } from './progress.js'
import { type Column, properties, table } from './table.js'

/** `{Title: (row) => cell}`; as a list where a column needs more than that. */
export type Columns<Row> = Record<string, Column<Row>['value']> | Column<Row>[]

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

  /** As oclif's, which copies only what a class has itself: what commands inherit from a shape they share counts too. */
  protected override parse<F extends OutputFlags<F>, B extends OutputFlags<B>, A extends OutputArgs<A>>(
    options: Input<F, B, A>,
    argv?: string[],
  ): Promise<ParserOutput<F, B, A>> {
    const { baseFlags, enableJsonFlag, flags, strict } = options
    // oclif would take what is piped in for an argument that was left out: a script's own next lines, in a shell that reads them.
    const args = Object.fromEntries(
      Object.entries(options.args ?? {}).map(([name, arg]) => [name, { ...(arg as object), ignoreStdin: true }]),
    ) as typeof options.args
    return super.parse({ ...options, args, baseFlags, enableJsonFlag, flags, strict }, argv)
  }

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

  /** Shows records as a table, each column by its title; or says that there are none. They are the result as they are. */
  protected list<Row>(rows: Row[], columns: Columns<Row>, none: string): Row[] {
    if (rows.length === 0) this.note(none)
    else this.table(rows, columns)
    return rows
  }

  protected table<Row>(rows: readonly Row[], columns: Columns<Row>): void {
    const shown = Array.isArray(columns)
      ? (columns as Column<Row>[])
      : Object.entries(columns as Record<string, Column<Row>['value']>).map(([title, value]) => ({ title, value }))
    this.log(table(rows, shown, this.paint.bold, process.stdout.isTTY ? process.stdout.columns : undefined))
  }

  /** Shows lines as they come, and keeps them for --json. What is in them may colour the terminal, nothing else. */
  protected async stream(lines: AsyncIterable<string>): Promise<string> {
    const all: string[] = []
    for await (const line of lines) {
      if (this.jsonEnabled()) all.push(line)
      else this.log(process.stdout.isTTY ? colouredText(line) : plainText(line))
    }
    return all.join('\n')
  }

  /** Shows one record as lines of `Name: value`, under its own name. */
  protected record(name: string | undefined, pairs: Record<string, string | number | null | undefined>): void {
    if (name !== undefined) this.log(this.paint.bold(plainText(name)))
    this.log(properties(Object.entries(pairs)))
  }

  /** Says something beside the result. */
  protected note(text: string): void {
    if (!this.jsonEnabled()) process.stderr.write(`${plainText(text)}\n`)
  }

  /** With --json an error is JSON too, on stdout, with the exit code that it has anyway. */
  protected override async catch(thrown: Error): Promise<void> {
    const error = this.writtenWithASpace(thrown) ?? this.unknownFlag(thrown) ?? thrown
    if (!this.jsonEnabled()) throw error
    const { id, kind, message, next, exitCode } = explain(error, process.env)
    process.exitCode = exitCode
    this.logJson({ error: { id: id ?? kind, message, ...(next ? { next } : {}) } })
  }

  /** `addons create` is how other tools write `addons:create`; here the second word looks like an argument. */
  private writtenWithASpace(error: Error): Error | undefined {
    const meant = `${this.id}:${this.argv.find((word) => !word.startsWith('-'))}`
    const isSuch = /^(Unexpected argument|Nonexistent flag)/.test(error.message)
    if (!isSuch || !this.config.findCommand(meant)) return undefined
    return wrongUsage(error.message.split('\n')[0]!, `Did you mean ${meant}?`)
  }

  /** oclif says which flags there are not; the nearest ones that there are help more. */
  private unknownFlag(error: Error & { flags?: unknown }): Error | undefined {
    if (!error.message.startsWith('Nonexistent flag') || !Array.isArray(error.flags)) return undefined
    const { flags, baseFlags } = this.ctor
    const known = [...Object.keys({ ...baseFlags, ...flags }), ...(this.ctor.enableJsonFlag ? ['json'] : [])]
    const near = error.flags.flatMap((flag) => nearNames(String(flag).replace(/^-+/, ''), known))
    const names = near.map((name) => `--${name}`).join(', ')
    const next = names ? `Did you mean ${names}?` : `See what it takes with \`mortise help ${this.id}\`.`
    return wrongUsage(`${this.id} has no ${error.flags.join(', ')}.`, next)
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

export const teamFlag = Flags.string({ char: 't', env: 'MORTISE_TEAM', helpValue: 'TEAM', description: 'the team' })

/** An argument that the command can't do without. */
export const required = (description: string) => Args.string({ required: true, description })

/** The team that a command can't do without. */
export function teamOf(flags: { team?: string }): string {
  if (!flags.team) throw wrongUsage('Which team?', 'Pass --team TEAM, or set MORTISE_TEAM.')
  return flags.team
}

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

export { Args, Failure, Flags }
