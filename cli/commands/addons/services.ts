import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'

export default class AddonsServices extends MortiseCommand {
  static override description = 'list the add-on services that can be added'
  static override examples = ['$ mortise addons:services']

  async run() {
    const { flags } = await this.parse(AddonsServices)
    const services = await (await this.connect(flags)).call(routes.catalog.services)
    services.sort((a, b) => (a.name < b.name ? -1 : 1))
    if (services.length === 0) this.note('No add-on services are published here yet.')
    else {
      const columns = [
        { title: 'Service', value: (service: AddonService) => service.name },
        { title: 'Name', value: (service: AddonService) => service.human_name },
        { title: 'State', value: (service: AddonService) => String(service.state) },
      ]
      this.table(services, columns)
      this.note('\nSee the plans of one with `mortise addons:plans SERVICE`.')
    }
    return services
  }
}
