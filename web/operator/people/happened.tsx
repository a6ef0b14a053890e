import type { InstallationAccountDetail } from '@mortise/contract/platform-api/installation-accounts'
import { Trail } from '../../activity/trail.js'
import { accountKinds, teamKinds } from '../../activity/words.js'
import { firstPage, routes } from '../../api.js'
import { Section } from '../../kit/page.js'
import { operatorKey } from '../queries.js'

/** The account's own trail, as it is told to its owner, or to the team's admins. */
export function Happened({ account: { id, kind } }: { account: Pick<InstallationAccountDetail, 'id' | 'kind'> }) {
  return (
    <Section title="Activity">
      <Trail
        queryKey={[...operatorKey, 'account', id]}
        ask={({ query, ...question }) =>
          firstPage.call(routes.activity.list, { query: { ...query, 'eq[account]': id }, ...question })
        }
        kinds={kind === 'team' ? teamKinds : accountKinds}
        everything="Everything"
      />
    </Section>
  )
}
