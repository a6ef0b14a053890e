import { loadHelpClass } from '@oclif/core/help'
import { MortiseCommand } from '../command.js'

export default class Help extends MortiseCommand {
  static override description = 'show what a command does'
  static override usage = 'help [COMMAND]'
  static override examples = ['$ mortise help addons:create']
  static override enableJsonFlag = false
  static override strict = false

  async run() {
    const { argv } = await this.parse(Help)
    const HelpClass = await loadHelpClass(this.config)
    await new HelpClass(this.config, this.config.pjson.oclif.helpOptions ?? {}).showHelp(argv as string[])
  }
}
