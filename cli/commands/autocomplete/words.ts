import { createHash } from 'node:crypto'
import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'
import { completions } from '../../complete.js'
import { readCredential } from '../../credentials.js'
import { nameCacheFile, rememberedNames } from '../../name-cache.js'
import { splitAtDashes } from '../../options.js'

export default class AutocompleteWords extends MortiseCommand {
  static override description = 'print what may stand at the end of a command line, for shells'
  static override hidden = true
  static override usage = 'autocomplete:words -- WORD...'
  static override examples = ['$ mortise autocomplete:words -- apps:info --app ""']
  static override strict = false

  async run() {
    const { own, provider: words } = splitAtDashes(this.argv)
    const { flags } = await this.parse(AutocompleteWords, own)
    const host = this.hostOf(flags)
    const token = process.env['MORTISE_API_KEY'] || (await readCredential(this.credentialsFile, host))?.token
    const api = this.connectAs(host, token)
    const file = nameCacheFile(process.env)
    // Another account sees other names; the key itself is not for a cache.
    const who = createHash('sha256')
      .update(token ?? '')
      .digest('hex')
      .slice(0, 16)
    const names = (what: string, look: () => Promise<{ name: string }[]>) =>
      rememberedNames(file, `${host} ${who} ${what}`, async () => (await look()).map(({ name }) => name))
    const found = await completions(
      this.config.commands,
      words,
      {
        apps: () => names('apps', () => api.call(routes.apps.list)),
        teams: () => names('teams', () => api.call(routes.teams.list)),
        services: () => names('services', () => api.call(routes.catalog.services)),
        addons: (app) =>
          names(`addons ${app ?? ''}`, async () => {
            if (!app) return await api.call(routes.addons.list)
            const params = { app }
            return [
              ...(await api.call(routes.addons.listOfApp, { params })),
              ...(await api.call(routes.attachments.listOfApp, { params })),
            ]
          }),
      },
      process.env,
      // Whoever presses a key wants no error: without an answer nothing is offered.
    ).catch(() => [])
    for (const word of found) this.log(word)
    return found
  }
}
