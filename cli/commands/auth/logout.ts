import { ApiError } from '@mortise/contract/client'
import { routes } from '@mortise/contract/platform-api/routes'
import { MortiseCommand } from '../../command.js'
import { readCredential, writeCredential } from '../../credentials.js'

export default class Logout extends MortiseCommand {
  static override description = 'sign out: revoke the key that login made, and forget it'
  static override aliases = ['logout']
  static override examples = ['$ mortise logout']

  async run() {
    const { flags } = await this.parse(Logout)
    const host = this.hostOf(flags)
    const credential = await readCredential(this.credentialsFile, host)
    if (!credential) {
      this.log(`You are not signed in to ${host}`)
      return { host, signed_out: false }
    }
    // Forgotten first: whoever signs out at a server that is gone must still be rid of the key here.
    await writeCredential(this.credentialsFile, host, undefined)
    if (credential.authorization) await this.revoke(host, credential.token, credential.authorization)
    this.log(`Signed out of ${host}`)
    return { host, signed_out: true }
  }

  private async revoke(host: string, token: string, authorization: string) {
    try {
      await this.connectAs(host, token).call(routes.authorizations.revoke, { params: { authorization } })
    } catch (error) {
      // Already expired or revoked elsewhere: that is what was wanted.
      if (!(error instanceof ApiError && (error.status === 401 || error.status === 404))) throw error
    }
  }
}
