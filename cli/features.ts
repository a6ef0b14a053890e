import { ApiError } from '@mortise/contract/client'
import type { Feature } from '@mortise/contract/platform-api/accounts'
import { routes } from '@mortise/contract/platform-api/routes'
import type { Api } from './api.js'
import { Args, appFlag, appOf, MortiseCommand } from './command.js'

const feature = Args.string({ required: true, description: 'its name' })

export const featureColumns = {
  Feature: (one: Feature) => one.name,
  On: (one: Feature) => (one.enabled ? 'yes' : 'no'),
  What: (one: Feature) => one.description,
}

/** `features:enable` and `features:disable`: the same but for the direction. */
export abstract class SetFeature extends MortiseCommand {
  static override args = { feature }
  static override flags = { app: appFlag }
  protected abstract readonly enabled: boolean

  async run() {
    const { args, flags } = await this.parse(this.ctor as typeof SetFeature)
    const app = appOf(flags)
    const api = await this.connect(flags)
    return await this.during(`${this.enabled ? 'Enabling' : 'Disabling'} ${args.feature} for ${app}`, () =>
      api.call(routes.apps.updateFeature, { params: { app, feature: args.feature }, body: { enabled: this.enabled } }),
    )
  }
}

/** The same for what is tried out: a feature of the account, or else of the app. */
export abstract class SetLab extends MortiseCommand {
  static override args = { feature }
  static override flags = { app: appFlag }
  protected abstract readonly enabled: boolean

  async run() {
    const { args, flags } = await this.parse(this.ctor as typeof SetLab)
    const api = await this.connect(flags)
    const found = await lab(api, args.feature, flags.app)
    const body = { enabled: this.enabled }
    const whose = found.app ?? 'your account'
    return await this.during(`${this.enabled ? 'Enabling' : 'Disabling'} ${args.feature} for ${whose}`, () =>
      found.app
        ? api.call(routes.apps.updateFeature, { params: { app: found.app, feature: args.feature }, body })
        : api.call(routes.account.updateFeature, { params: { feature: args.feature }, body }),
    )
  }
}

/** One's account is looked at first, then the app, if one is named. */
export async function lab(api: Api, name: string, app?: string): Promise<{ feature: Feature; app?: string }> {
  try {
    return { feature: await api.call(routes.account.feature, { params: { feature: name } }) }
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404) || !app) throw error
    return { feature: await api.call(routes.apps.feature, { params: { app, feature: name } }), app }
  }
}

export const featurePairs = (one: Feature) => ({
  What: one.description,
  On: one.enabled ? 'yes' : 'no',
  State: one.state,
  Documentation: one.doc_url,
})
