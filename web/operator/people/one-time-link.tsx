import { useEffect, useRef } from 'react'
import { CopyLine } from '../../kit/copy.js'
import { Notice } from '../../kit/state.js'

/** What is shown once, where it is seen. */
export function OneTimeLink({ email, url }: { email: string; url: string }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (url) box.current?.scrollIntoView({ block: 'nearest' })
  }, [url])
  return (
    <div ref={box} className="mb-8 grid scroll-mt-24 gap-3">
      <Notice tone="warn">No mail is sent. Hand this link to {email}; it is shown this once.</Notice>
      <CopyLine text={url} />
    </div>
  )
}
