import { routes } from '@mortise/contract/platform-api/routes'
import { appFlag, appOf, Failure, Flags, MortiseCommand } from '../../command.js'
import { spawnSync } from 'node:child_process'

export default class GitRemote extends MortiseCommand {
  static override description =
    "name an app's git address in the repository here\n" +
    'Commands that look for the app find it there; the platform takes no pushes: deploy with `mortise deploy`.'
  static override examples = ['$ mortise git:remote -a guestbook', '$ mortise git:remote -a guestbook -r staging']
  static override flags = {
    app: appFlag,
    remote: Flags.string({ char: 'r', default: 'mortise', description: 'what the remote is called' }),
  }

  async run() {
    const { flags } = await this.parse(GitRemote)
    const app = appOf(flags)
    const { git_url: url, name } = await (await this.connect(flags)).call(routes.apps.info, { params: { app } })
    const isThere = git('remote', 'get-url', '--', flags.remote).status === 0
    const done = git('remote', isThere ? 'set-url' : 'add', '--', flags.remote, url)
    if (done.status !== 0) {
      const reason = done.error ? 'git is not there' : done.stderr.trim().split('\n').at(-1)
      throw new Failure(`The remote could not be set (${reason}).`, { next: 'Run it inside a git repository.' })
    }
    this.log(`${flags.remote} ${url}`)
    return { app: name, remote: flags.remote, url }
  }
}

const git = (...args: string[]) => spawnSync('git', args, { encoding: 'utf8' })
