import { routes } from '@mortise/contract/platform-api/routes'
import { changeText, settledChange } from '../../change.js'
import { changeFrom } from '../../change-words.js'
import { appFlag, appOf, confirmFlag, Flags, MortiseCommand } from '../../command.js'
import { withConfirmation } from '../../confirm.js'
import { providerOptions, splitAtDashes } from '../../options.js'
import { plainText } from '../../plain-text.js'
import { span } from '../../time.js'
import { waitFlags, waitingOf } from '../../wait-flags.js'

export default class ChangesApply extends MortiseCommand {
  static override description =
    'change config vars and add-ons of an app in one release\nAll of it happens, with one restart, or nothing does. --as and --name belong to the --create or --attach before them; options for a new add-on\u2019s provider stand after --.'
  static override aliases = ['change']
  static override usage =
    '<%= command.id %> -a APP [--set NAME=VALUE...] [--unset NAME...] [--create SERVICE[:PLAN] [--as NAME]...]'
  static override examples = [
    '$ mortise changes:apply -a guestbook --set COLOUR=blue --create mortise-postgresql:mini --as DB --dry-run',
    '$ mortise change -a guestbook --attach reports::DATABASE --as REPORTS --detach OLD --unset OLD_PASSWORD',
    '$ mortise change -a guestbook --create mortise-postgresql --create mortise-redis --as CACHE --wait',
  ]
  static override flags = {
    app: appFlag,
    set: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
      description: 'set a config var',
    }),
    unset: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      description: 'remove a config var',
    }),
    create: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'SERVICE[:PLAN]',
      description: 'create an add-on',
    }),
    attach: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'ADDON',
      description: 'attach an add-on that is there, by name or app::ATTACHMENT',
    }),
    detach: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'ATTACHMENT',
      description: 'detach an attachment of the app',
    }),
    as: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
      description: 'name of the attachment that the --create or --attach before it makes',
    }),
    name: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'name of the add-on that the --create before it makes',
    }),
    'dry-run': Flags.boolean({ description: 'only say what would happen, and what it costs' }),
    confirm: confirmFlag,
    wait: Flags.boolean({ description: 'wait until the providers are done' }),
    ...waitFlags,
  }

  async run() {
    const { own, provider } = splitAtDashes(this.argv)
    const { flags, raw } = await this.parse(ChangesApply, own)
    const app = appOf(flags)
    const words = raw.flatMap((one) => (one.type === 'flag' ? [{ flag: one.flag, value: one.input }] : []))
    const body = changeFrom(words, providerOptions(provider))
    const api = await this.connect(flags)
    const send = (confirm?: string) => ({ params: { app }, body: { ...body, ...(confirm ? { confirm } : {}) } })
    if (flags['dry-run']) {
      const would = await api.call(routes.changes.create, { ...send(), query: { dry_run: 'true' } })
      this.log(plainText(changeText(would)))
      this.note(would.overwrites.length ? `Nothing was done. It will want --confirm ${app}.` : 'Nothing was done.')
      return would
    }
    const made = await withConfirmation(app, flags.confirm, (confirm) =>
      this.during(`Changing ${app}`, async (progress) => {
        const change = await api.call(routes.changes.create, send(confirm))
        progress.done(
          change.state === 'pending' ? 'waits' : change.release ? `done, v${change.release.version}` : 'done',
        )
        return change
      }),
    )
    if (made.state !== 'pending') {
      this.log(plainText(changeText(made)))
      if (!made.release) this.note('It was so before: there is no new release.')
      return made
    }
    if (made.message) this.log(plainText(made.message))
    if (!flags.wait) {
      this.log(`Nothing of ${app} changes before. Look with: mortise changes:info ${made.id} -a ${app}`)
      return made
    }
    const startedAt = Date.now()
    const done = await this.during('Waiting', async (progress) => {
      const settled = await settledChange(api, app, made, waitingOf(flags))
      progress.done(`done after ${span((Date.now() - startedAt) / 1000)}`)
      return settled
    })
    this.log(plainText(changeText(done)))
    return done
  }
}
