import { appFlag, MortiseCommand, required } from '../../command.js'
import { featurePairs, lab } from '../../features.js'

export default class LabsInfo extends MortiseCommand {
  static override description = 'show one thing that can be tried early'
  static override examples = ['$ mortise labs:info new-dashboard']
  static override args = { feature: required('its name') }
  static override flags = { app: appFlag }

  async run() {
    const { args, flags } = await this.parse(LabsInfo)
    const { feature } = await lab(await this.connect(flags), args.feature, flags.app)
    this.record(feature.name, featurePairs(feature))
    return feature
  }
}
