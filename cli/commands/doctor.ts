import { exitCodeOf, type Finding, findingLines } from '@mortise/contract/finding'
import { readCredential } from '../credentials.js'
import { MortiseCommand } from '../command.js'
import { lookAtInstallation, lookAtServer, lookAtSetup } from '../setup.js'

export default class Doctor extends MortiseCommand {
  static override description =
    'look for what is wrong with this setup and the way to the server, and say what to do\n' +
    'The operator hears of what is stuck there too. Exit code 1 when something does not work.\n' +
    "On the server's own machine, `mortise doctor --server` looks at the installation itself."
  static override examples = ['$ mortise doctor', '$ mortise doctor --host https://mortise.example.com --json']

  async run(): Promise<Finding[]> {
    const { flags } = await this.parse(Doctor)
    const host = this.hostOf(flags)
    const stored = await readCredential(this.credentialsFile, host).catch(() => undefined)
    const findings = await this.during(`Looking at ${host}`, async () => {
      const setup = await lookAtSetup(this.credentialsFile, process.env, stored !== undefined)
      const server = await lookAtServer(host, () => new Date())
      if (server.some(({ state }) => state === 'problem')) return [...setup, ...server]
      return [...setup, ...server, ...(await lookAtInstallation(await this.connect(flags)))]
    })
    for (const line of findingLines(findings)) this.log(line)
    process.exitCode = exitCodeOf(findings)
    return findings
  }
}
