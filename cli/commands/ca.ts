import { silence } from '../api.js'
import { Failure, MortiseCommand } from '../command.js'

export default class Ca extends MortiseCommand {
  static override description =
    "print the certificate that `heroku run` has to trust\n`mortise run` needs it not: it attaches over the API's own address."
  static override examples = ['$ mortise ca > mortise-ca.pem', '$ NODE_EXTRA_CA_CERTS=mortise-ca.pem heroku run bash']

  async run() {
    const { flags } = await this.parse(Ca)
    const host = this.hostOf(flags)
    const answer = await fetch(`${host}/ca.pem`, { signal: AbortSignal.timeout(20_000) }).catch((error) => {
      throw silence(host, error, false)
    })
    if (!answer.ok) throw new Failure(`${host} has no certificate to show (${answer.status}).`)
    const certificate = await answer.text()
    this.log(certificate.trimEnd())
    return { certificate }
  }
}
