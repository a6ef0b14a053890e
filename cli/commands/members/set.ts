import { routes } from '@mortise/contract/platform-api/routes'
import { PutMember } from '../../member.js'

export default class MembersSet extends PutMember {
  static override description = 'change what somebody is in a team'
  static override examples = ['$ mortise members:set grace@example.com --role admin -t acme-team']
  protected readonly route = routes.teams.updateMember
}
