import { useEffect, useState } from 'react'
import { ago } from '../time.js'

/** A time as people say it; the exact one is its title. Keeps itself current, once a minute. */
export function TimeAgo({ at }: { at: string }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {ago(at, now)}
    </time>
  )
}
