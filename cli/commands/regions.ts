import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../command.js'

export default class Regions extends MortiseCommand {
  static override description = 'list where apps can run'
  static override examples = ['$ mortise regions']

  async run() {
    const { flags } = await this.parse(Regions)
    const regions = await (await this.connect(flags)).call(routes.places.regions)
    return this.list(regions, { Region: (one) => one.name, Where: (one) => one.description }, 'There are no regions.')
  }
}
