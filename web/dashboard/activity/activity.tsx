import { useParams } from '@tanstack/react-router'
import { Trail } from '../../activity/trail.js'
import { kinds } from '../../activity/words.js'
import { firstPage, routes } from '../../api.js'
import { appKey } from '../resources.js'

/** Who did what on the app. */
export function ActivityPage() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/activity' })
  return (
    <section aria-label="Activity">
      <h2 className="sr-only">Activity</h2>
      <Trail
        queryKey={appKey(app)}
        ask={(question) => firstPage.call(routes.activity.listOfApp, { params: { app }, ...question })}
        kinds={kinds}
        everything="Everything but dynos"
      />
    </section>
  )
}
