import { CopyLine } from './copy.js'
import { Notice } from './state.js'

/** A link for somebody, which the server tells once. Another one is news again, and comes into sight. */
export function OneTimeLink({ email, url }: { email: string; url: string }) {
  return (
    <div className="mb-8 grid gap-3">
      <Notice key={url} tone="warn">
        No mail is sent. Hand this link to {email}; it is shown this once.
      </Notice>
      <CopyLine text={url} />
    </div>
  )
}
