import { useEffect, useRef, useState } from 'react'
import { piecesOf } from '../event-stream.js'
import { Button } from '../kit/button.js'
import { Check } from '../kit/check.js'

/** More lines than anybody reads; the oldest go. */
const linesMax = 3_000
const comeBackMs = 1_500

interface Read {
  lines: readonly string[]
  isOver: boolean
  isLost: boolean
}

/** An output as it is written, from its beginning. Its address is good for whoever may see the app, and for no address bar. */
export function useOutput(url: string | null | undefined): Read {
  const [read, setRead] = useState<Read>({ lines: [], isOver: false, isLost: false })
  useEffect(() => {
    if (!url) return
    const stop = new AbortController()
    let timer: number | undefined
    let text = ''
    let frame: number | undefined
    const show = (isOver: boolean, isLost = false) => {
      window.clearTimeout(frame)
      frame = undefined
      setRead({ lines: linesOf(text), isOver, isLost })
    }
    async function follow(path: string): Promise<void> {
      try {
        const answer = await fetch(path, { signal: stop.signal, credentials: 'same-origin' })
        if (!answer.ok || !answer.body) return show(true, true)
        text = ''
        for await (const piece of piecesOf(answer.body)) {
          text = (text + piece).slice(-2_000_000)
          // A build says much at once; it is shown a few times a second.
          frame ??= window.setTimeout(() => show(false), 150)
        }
        show(true)
      } catch {
        if (!stop.signal.aborted) timer = window.setTimeout(follow, comeBackMs, path)
      }
    }
    // As this page reaches the server, whatever the server takes its own address to be.
    const { pathname, search } = new URL(url, window.location.origin)
    void follow(pathname + search)
    return () => {
      stop.abort()
      window.clearTimeout(timer)
      window.clearTimeout(frame)
    }
  }, [url])
  return read
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
const controls = /\u001b\[[0-9;?]*[A-Za-z]|[\u0000\u0007\u001b]/g

export function linesOf(text: string): string[] {
  const lines = text.replace(controls, '').split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  // Of a line that was written over again and again, such as a progress bar, the last.
  return lines.slice(-linesMax).map((line) => line.slice(line.lastIndexOf('\r') + 1))
}

interface OutputProps {
  label: string
  read: Read
  /** What stands there while nothing was said yet. */
  nothing: string
}

/** What a program says, line by line. Follows its end, unless somebody scrolled up to read. */
export function Output({ label, read, nothing }: OutputProps) {
  const box = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  const [wraps, setWraps] = useState(true)
  const [isCopied, setCopied] = useState(false)
  const { lines, isOver, isLost } = read
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each new line.
  useEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [lines])
  async function copy() {
    await navigator.clipboard.writeText(lines.join('\n')).then(
      () => setCopied(true),
      () => setCopied(false),
    )
    setTimeout(setCopied, 2_000, false)
  }
  return (
    <div className="overflow-hidden rounded-card border border-line bg-sunken shadow-card">
      <div className="flex items-center justify-between gap-3 border-line border-b bg-surface py-1.5 pr-1.5 pl-4">
        <span className="text-muted text-sm" aria-live="polite">
          {isLost
            ? 'Not kept any more'
            : isOver
              ? lines.length === 1
                ? '1 line'
                : `${lines.length.toLocaleString('en')} lines`
              : 'Live'}
        </span>
        <div className="flex items-center gap-3">
          <Check isChecked={wraps} onChange={setWraps}>
            Wrap lines
          </Check>
          <Button look="ghost" size="small" onClick={copy} disabled={lines.length === 0}>
            {isCopied ? 'Copied' : 'Copy'}
          </Button>
        </div>
      </div>
      <div
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by the keyboard.
        tabIndex={0}
        role="log"
        aria-label={label}
        aria-live="off"
        onScroll={({ currentTarget: one }) => {
          follows.current = one.scrollHeight - one.scrollTop - one.clientHeight < 24
        }}
        className={`max-h-[32rem] min-h-12 overflow-auto px-4 py-3 font-mono text-[0.8125rem] text-soft leading-relaxed -outline-offset-2 ${wraps ? 'whitespace-pre-wrap [overflow-wrap:anywhere]' : 'whitespace-pre'}`}
      >
        {lines.length === 0 ? <span className="text-muted">{nothing}</span> : lines.join('\n')}
      </div>
    </div>
  )
}
