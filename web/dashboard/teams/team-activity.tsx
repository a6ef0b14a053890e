import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { Trail } from '../../activity/trail.js'
import { teamKinds } from '../../activity/words.js'
import { firstPage, routes } from '../../api.js'
import { Empty } from '../../kit/state.js'
import { isAdminOf, team as teamOf } from './queries.js'

/** Who invited whom and who changed which role, for the team's admins. */
export function TeamActivity() {
  const { team } = useParams({ from: '/signed/dashboard/teams/$team/activity' })
  const { data } = useQuery(teamOf(team))
  if (data && !isAdminOf(data)) {
    return <Empty title="This is for the team’s admins">Ask one of them what happened, or to make you an admin.</Empty>
  }
  return (
    <section aria-label="Activity">
      <h2 className="sr-only">Activity</h2>
      <Trail
        queryKey={['teams', team]}
        ask={(question) => firstPage.call(routes.activity.listOfTeam, { params: { team }, ...question })}
        kinds={teamKinds}
        everything="Everything"
      />
    </section>
  )
}
