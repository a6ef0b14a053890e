import { Args, MortiseCommand } from '../../command.js'
import { completionScripts, type Shell } from '../../completion-scripts.js'

export default class Autocomplete extends MortiseCommand {
  static override description =
    'print what makes a shell complete commands, flags, and the names of apps and add-ons\n' +
    'Add the line that is shown for your shell to its start-up file.'
  static override usage = 'autocomplete bash|zsh|fish'
  static override examples = [
    '$ source <(mortise autocomplete bash)',
    '$ mortise autocomplete zsh > "$HOME/.zfunc/_mortise"',
    '$ mortise autocomplete fish > ~/.config/fish/completions/mortise.fish',
  ]
  static override args = {
    shell: Args.string({ required: true, options: Object.keys(completionScripts), description: 'which shell' }),
  }

  async run() {
    const { args } = await this.parse(Autocomplete)
    const script = completionScripts[args.shell as Shell]
    this.log(script)
    return { shell: args.shell, script }
  }
}
