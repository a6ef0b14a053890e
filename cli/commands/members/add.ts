import { routes } from '@mortise/contract/platform-api/routes'
import { PutMember } from '../../member.js'

export default class MembersAdd extends PutMember {
  static override description = 'put somebody into a team'
  static override examples = ['$ mortise members:add grace@example.com --role member -t acme-team']
  protected readonly route = routes.teams.addMember
}
