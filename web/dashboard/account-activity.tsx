import { Trail } from '../activity/trail.js'
import { accountKinds } from '../activity/words.js'
import { accountKey, firstPage, routes } from '../api.js'

/** Sign-ins, tokens, teams, and what an operator changed: whatever its owner did not do themselves is worth a look. */
export function AccountActivity() {
  return (
    <section aria-label="Activity">
      <h2 className="sr-only">Activity</h2>
      <Trail
        queryKey={[...accountKey, 'own']}
        ask={(question) => firstPage.call(routes.activity.listOfAccount, question)}
        kinds={accountKinds}
        everything="Everything"
      />
    </section>
  )
}
