import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react'

interface Toast {
  id: number
  tone: 'good' | 'bad'
  text: string
}

/** Seconds that a message stays; long ones stay longer, and a bad one until it is closed. */
const stayMs = (toast: Toast) => 4_000 + toast.text.length * 50

const Say = createContext<(text: string, tone?: Toast['tone']) => void>(() => {})

/** `say('Removed postgresql-curved-12345.')`: told at the edge of the page and to screen readers. */
export const useSay = () => useContext(Say)

export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([])
  const next = useRef(1)
  const close = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), [])
  const say = useCallback(
    (text: string, tone: Toast['tone'] = 'good') => {
      const toast = { id: next.current++, tone, text }
      // Three at most: more could not be read anyway.
      setToasts((all) => [...all.slice(-2), toast])
      if (tone === 'good') setTimeout(close, stayMs(toast), toast.id)
    },
    [close],
  )
  return (
    <Say value={say}>
      {children}
      <div
        role="status"
        aria-live="polite"
        className="pointer-events-none fixed inset-x-4 bottom-4 z-30 grid justify-items-center gap-2 sm:justify-items-end"
      >
        {toasts.map((toast) => (
          <div
            key={toast.id}
            className="pointer-events-auto flex max-w-sm animate-rise items-start gap-3 rounded-xl border border-line bg-raised py-3 pr-2 pl-4 text-sm shadow-float"
          >
            <span
              aria-hidden="true"
              className={`mt-1.5 size-2 shrink-0 rounded-full ${toast.tone === 'bad' ? 'bg-bad' : 'bg-good'}`}
            />
            <p className="[overflow-wrap:anywhere]">{toast.text}</p>
            <button
              type="button"
              onClick={() => close(toast.id)}
              className="shrink-0 rounded-md px-2 text-muted hover:text-ink"
            >
              Close
            </button>
          </div>
        ))}
      </div>
    </Say>
  )
}
