/** Why the platform could not start, in one sentence for whoever typed the command. */
export class StartFailed extends Error {
  /** 2 for wrong usage, 1 for everything else. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartFailed'
    this.exitCode = exitCode
  }
}
