import { useEffect, useState } from 'react'

/** What was typed, once the typing has paused: for questions that not every letter is worth. */
export function usePause<T>(value: T, pauseMs: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(setSettled, pauseMs, value)
    return () => clearTimeout(timer)
  }, [value, pauseMs])
  return settled
}
