import { loadHelpClass } from '@oclif/core/help'
import { MortiseCommand } from '../command.js'
import { noSuchCommand } from '../unknown-command.js'

export default class Help extends MortiseCommand {
  static override description = 'show what a command does'
  static override usage = 'help [COMMAND]'
  static override examples = ['$ mortise help', '$ mortise help addons:create']
  static override enableJsonFlag = false
  static override strict = false

  async run() {
    const { argv } = await this.parse(Help)
    const [name, ...following] = argv as string[]
    if (name && !this.config.findCommand(name) && !this.config.findTopic(name)) {
      throw noSuchCommand(this.config, name, following)
    }
    const HelpClass = await loadHelpClass(this.config)
    await new HelpClass(this.config, this.config.pjson.oclif.helpOptions ?? {}).showHelp(this.joined(argv as string[]))
  }

  /** `help addons create` is how other tools ask for `help addons:create`. */
  private joined(words: string[]): string[] {
    const name = words.join(':')
    return words.length > 1 && this.config.findCommand(name) ? [name] : words
  }
}
