import { lazy, Suspense, useState } from 'react'
import { Button } from '../../kit/button.js'
import { OneTimeLink } from '../../kit/one-time-link.js'
import { AccountList } from './account-list.js'
import { OpenLinks, WaitingForPassword } from './links.js'

const Invite = lazy(() => import('./invite.js').then((module) => ({ default: module.Invite })))

/** Who has an account, who is invited to one, and who waits for a new password. */
export function Users() {
  const [isInviting, setInviting] = useState(false)
  const [link, setLink] = useState<{ email: string; url: string } | null>(null)
  return (
    <>
      {link && <OneTimeLink {...link} />}
      <AccountList
        kind="person"
        title="Users"
        action={
          <Button look="primary" size="small" onClick={() => setInviting(true)}>
            Invite somebody
          </Button>
        }
      />
      <WaitingForPassword onLink={setLink} />
      <OpenLinks />
      <Suspense>{isInviting && <Invite onLink={setLink} onClose={() => setInviting(false)} />}</Suspense>
    </>
  )
}
