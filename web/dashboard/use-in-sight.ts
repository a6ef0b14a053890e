import { type RefObject, useEffect, useRef, useState } from 'react'

/** Whether an element was in sight yet, or nearly: what it needs is asked for then, and not before. */
export function useInSight<T extends Element>(): [RefObject<T | null>, boolean] {
  const place = useRef<T>(null)
  const [wasSeen, setSeen] = useState(false)
  useEffect(() => {
    if (wasSeen || !place.current) return
    const watch = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && setSeen(true), {
      rootMargin: '200px',
    })
    watch.observe(place.current)
    return () => watch.disconnect()
  }, [wasSeen])
  return [place, wasSeen]
}
