import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { memo, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { Badge } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Check } from '../../kit/check.js'
import { Failed } from '../../kit/state.js'
import { moving } from '../resources.js'
import { clockOf, type LogLine } from './log-line.js'
import { type Connection, keptMax, useLog } from './use-log.js'

const box = 'h-9 rounded-lg border border-edge bg-surface px-2.5 text-sm hover:border-muted'

/** What an app and the platform say of it, as they say it. */
export function Logs() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/logs' })
  const { dyno = '', source = '' } = useSearch({ from: '/signed/dashboard/apps/$app/logs' })
  const navigate = useNavigate({ from: '/dashboard/apps/$app/logs' })
  const { data } = useQuery(moving(app))
  const [text, setText] = useState('')
  const [isPaused, setPaused] = useState(false)
  const [wraps, setWraps] = useState(true)
  const [isCopied, setCopied] = useState(false)
  const log = useLog(app, { dyno, source }, isPaused)
  const wanted = useDeferredValue(text.trim().toLowerCase())
  const lines = useMemo(
    () =>
      wanted === ''
        ? log.lines
        : log.lines.filter((line) => `${line.dyno} ${line.text}`.toLowerCase().includes(wanted)),
    [log.lines, wanted],
  )
  const choose = (chosen: { dyno?: string; source?: string }) =>
    navigate({ replace: true, search: (before) => ({ ...before, ...chosen }) })
  const names = [
    ...new Set([...(dyno ? [dyno] : []), ...(data?.dynos ?? []).flatMap(({ type, name }) => [type, name])]),
  ]

  async function copy() {
    const whole = lines.map((line) => `${line.at} ${line.dyno}: ${line.text}`).join('\n')
    await navigator.clipboard.writeText(whole).then(
      () => setCopied(true),
      () => setCopied(false),
    )
    setTimeout(setCopied, 2_000, false)
  }

  if (log.error) return <Failed what="The log" error={log.error} onRetry={log.retry} />
  return (
    <section aria-label="Log" aria-busy={log.connection === 'opening' || undefined} className="grid gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <input
          type="search"
          aria-label="Only lines with this text"
          placeholder="Find in the log"
          value={text}
          onChange={(event) => setText(event.target.value)}
          className={`${box} min-w-0 flex-1 basis-48 placeholder:text-muted`}
        />
        <select
          aria-label="Dyno"
          value={dyno}
          onChange={(event) => choose({ dyno: event.target.value || undefined })}
          className={box}
        >
          <option value="">All dynos</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <select
          aria-label="Source"
          value={source}
          onChange={(event) => choose({ source: event.target.value || undefined })}
          className={box}
        >
          <option value="">App and platform</option>
          <option value="app">The app</option>
          <option value="heroku">The platform</option>
        </select>
      </div>
      <div className="overflow-hidden rounded-card border border-line bg-sunken shadow-card">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-b bg-surface py-1.5 pr-1.5 pl-4">
          <State connection={log.connection} isPaused={isPaused} waiting={log.waiting} />
          <div className="ml-auto flex flex-wrap items-center gap-x-1">
            <span className="mr-2">
              <Check isChecked={wraps} onChange={setWraps}>
                Wrap lines
              </Check>
            </span>
            <Button look="ghost" size="small" onClick={() => setPaused(!isPaused)}>
              {isPaused ? 'Resume' : 'Pause'}
            </Button>
            <Button look="ghost" size="small" onClick={log.clear}>
              Clear
            </Button>
            <Button look="ghost" size="small" onClick={copy} disabled={lines.length === 0}>
              {isCopied ? 'Copied' : 'Copy'}
            </Button>
          </div>
        </div>
        <Lines
          lines={lines}
          wraps={wraps}
          isOpening={log.connection === 'opening'}
          isFiltered={wanted !== ''}
          onPause={() => setPaused((is) => !is)}
        />
      </div>
      <p className="text-muted text-sm">
        The newest {keptMax.toLocaleString('en')} lines. With the log focused, <kbd className="font-mono">P</kbd> pauses
        and resumes.
      </p>
    </section>
  )
}

/** Said when it changes, and never for each line: a log would drown everything else. */
function State({ connection, isPaused, waiting }: { connection: Connection; isPaused: boolean; waiting: number }) {
  return (
    <span role="status">
      {isPaused ? (
        <Badge tone="warn">Paused{waiting > 0 && <span aria-hidden="true">, {waiting} more</span>}</Badge>
      ) : connection === 'live' ? (
        <Badge tone="good" dot>
          Live
        </Badge>
      ) : (
        <Badge tone="busy" dot>
          {connection === 'opening' ? 'Opening' : 'Coming back'}
        </Badge>
      )}
    </span>
  )
}

interface LinesProps {
  lines: readonly LogLine[]
  wraps: boolean
  isOpening: boolean
  isFiltered: boolean
  onPause(): void
}

function Lines({ lines, wraps, isOpening, isFiltered, onPause }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  const [isAway, setAway] = useState(false)
  const toEnd = () => {
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each new line, and when their heights change.
  useEffect(() => {
    if (follows.current) toEnd()
  }, [lines, wraps])
  // A window that becomes narrower makes lines longer.
  useEffect(() => {
    const watch = new ResizeObserver(() => {
      if (follows.current && scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight
    })
    if (scroller.current) watch.observe(scroller.current)
    return () => watch.disconnect()
  }, [])
  return (
    <div className="relative">
      <div
        ref={scroller}
        role="log"
        aria-label="Log lines"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by the keyboard.
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key.toLowerCase() === 'p' && !event.ctrlKey && !event.metaKey && !event.altKey) onPause()
        }}
        onScroll={({ currentTarget: one }) => {
          follows.current = one.scrollHeight - one.scrollTop - one.clientHeight < 24
          setAway(!follows.current)
        }}
        className={`h-[min(34rem,65dvh)] overflow-auto py-2 font-mono text-[0.8125rem] leading-relaxed -outline-offset-2 ${wraps ? '[overflow-wrap:anywhere]' : ''}`}
      >
        {lines.length === 0 ? (
          <p className="px-4 py-2 text-muted">
            {isOpening
              ? 'Asking for the newest lines.'
              : isFiltered
                ? 'No line has that text.'
                : 'Nothing was said yet. New lines show up here by themselves.'}
          </p>
        ) : (
          <div className={wraps ? '' : 'w-max min-w-full'}>
            {lines.map((line) => (
              <Line key={line.id} line={line} wraps={wraps} />
            ))}
          </div>
        )}
      </div>
      {isAway && (
        <div className="absolute inset-x-0 bottom-3 flex justify-center">
          <Button
            size="small"
            className="shadow-float"
            onClick={() => {
              follows.current = true
              toEnd()
            }}
          >
            To the newest
          </Button>
        </div>
      )}
    </div>
  )
}

const colours: Record<LogLine['source'], string> = { app: 'text-accent', platform: 'text-muted', other: 'text-soft' }
const trouble = /\b(error|fatal|crashed|panic|exception)\b/i

const Line = memo(function Line({ line, wraps }: { line: LogLine; wraps: boolean }) {
  const isBad = line.source === 'platform' && (trouble.test(line.text) || /status=5\d\d/.test(line.text))
  return (
    <p
      className={`px-4 hover:bg-line ${wraps ? 'whitespace-pre-wrap' : 'whitespace-pre'} ${isBad ? 'text-bad' : 'text-soft'}`}
    >
      <time dateTime={line.at} className="mr-3 text-muted">
        {clockOf(line.at)}
      </time>
      <span className={`mr-3 font-medium ${colours[line.source]}`}>{line.dyno}</span>
      {line.text}
    </p>
  )
})
