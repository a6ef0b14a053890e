import { buildpacksOf } from '../../buildpacks.js'
import { appFlag, appOf, MortiseCommand } from '../../command.js'

export default class Buildpacks extends MortiseCommand {
  static override description = 'list the buildpacks that an app is built with, in their order'
  static override examples = ['$ mortise buildpacks -a guestbook']
  static override flags = { app: appFlag }

  async run() {
    const { flags } = await this.parse(Buildpacks)
    const app = appOf(flags)
    const all = await buildpacksOf(await this.connect(flags), app)
    const numbered = all.map((buildpack, i) => ({ index: i + 1, buildpack }))
    return this.list(
      numbered,
      { '#': (one) => one.index, Buildpack: (one) => one.buildpack },
      `${app} names no buildpack: one is detected from its source.`,
    )
  }
}
