import type { Dyno } from '@mortise/contract/platform-api/dynos'
import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, Failure, Flags, MortiseCommand } from '../../command.js'
import { newestReleases } from '../../release.js'
import { waitUntil } from '../../wait.js'
import { waitFlags, waitingOf } from '../../wait-flags.js'

export default class PsWait extends MortiseCommand {
  static override description = 'wait until all dynos of an app run with its newest release'
  static override examples = ['$ mortise ps:wait -a guestbook', '$ mortise ps:wait -t web -a guestbook']
  static override flags = {
    app: appFlag,
    type: Flags.string({ char: 't', description: 'only dynos of this process type' }),
    'with-run': Flags.boolean({ char: 'R', description: 'one-off dynos too' }),
    ...waitFlags,
  }

  async run() {
    const { flags } = await this.parse(PsWait)
    const app = appOf(flags)
    const api = await this.connect(flags)
    const [newest] = await newestReleases(api, app, 1)
    if (!newest) throw new Failure(`${app} has no releases.`, { next: `Deploy with \`mortise deploy -a ${app}\`.` })
    const isWanted = ({ type }: Dyno) => (flags.type ? type === flags.type : flags['with-run'] || type !== 'run')
    const isUp = ({ state, release }: Dyno) => state === 'up' && release.version >= newest.version
    return await this.during(`Waiting for v${newest.version} of ${app}`, (progress) =>
      waitUntil(
        async () => {
          const dynos = (await api.call(routes.dynos.list, { params: { app } })).filter(isWanted)
          progress.update(`${dynos.filter(isUp).length} of ${dynos.length} dynos`)
          return dynos
        },
        (dynos) => dynos.length > 0 && dynos.every(isUp),
        waitingOf(flags),
        (seconds) =>
          new Failure(`Not all dynos of ${app} run with v${newest.version} after ${seconds} s.`, {
            next: `Look with \`mortise ps -a ${app}\` and \`mortise releases -a ${app}\`.`,
          }),
      ),
    )
  }
}
