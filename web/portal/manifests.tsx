import { canonicalJson, type DiffLine, diffLines } from '@mortise/contract/manifest/diff'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { card, rows, Section } from '../kit/page.js'
import { Failed, Loading } from '../kit/state.js'
import { TimeAgo } from '../kit/time-ago.js'
import { manifest, manifests } from './queries.js'

/** Every version of the manifest, and what each changed. */
export function Manifests() {
  const { service: slug } = useParams({ from: '/signed/portal/$service' })
  const { data, error, refetch } = useQuery(manifests(slug))
  const [chosen, setChosen] = useState<string>()
  if (error && !data) return <Failed what="The manifests" error={error} onRetry={refetch} />
  if (!data) return <Loading />
  const newestFirst = [...data].sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
  const at = Math.max(
    0,
    newestFirst.findIndex(({ id }) => id === chosen),
  )
  const shown = newestFirst[at]
  return (
    <>
      <Section title="Versions" count={data.length}>
        <ul className={rows}>
          {newestFirst.map((version, index) => (
            <li key={version.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3">
              <p className="flex min-w-0 flex-1 basis-40 flex-wrap items-center gap-3">
                <span className="font-medium">Manifest {newestFirst.length - index}</span>
                <span className="text-muted text-sm">
                  <TimeAgo at={version.created_at} />
                </span>
                {index === 0 && <Badge tone="good">In force</Badge>}
              </p>
              <Button
                size="small"
                look={version === shown ? 'secondary' : 'ghost'}
                aria-pressed={version === shown}
                aria-label={`Show manifest ${newestFirst.length - index}`}
                onClick={() => setChosen(version.id)}
              >
                Show
              </Button>
            </li>
          ))}
        </ul>
      </Section>
      {shown && (
        <Section
          title={
            at === newestFirst.length - 1 ? 'The first manifest' : `What manifest ${newestFirst.length - at} changed`
          }
        >
          <Difference slug={slug} id={shown.id} before={newestFirst[at + 1]?.id} />
        </Section>
      )}
    </>
  )
}

function Difference({ slug, id, before }: { slug: string; id: string; before: string | undefined }) {
  const after = useQuery(manifest(slug, id))
  const earlier = useQuery({ ...manifest(slug, before ?? id), enabled: before !== undefined })
  const error = after.error ?? earlier.error
  if (error) return <Failed what="The manifest" error={error} onRetry={after.refetch} />
  if (!after.data || (before && !earlier.data)) return <Loading rows={1} height="h-64" />
  const text = canonicalJson(withoutBase(after.data))
  const lines: DiffLine[] =
    before && earlier.data
      ? diffLines(canonicalJson(withoutBase(earlier.data)), text)
      : text.split('\n').map((line) => ({ mark: ' ', text: line }))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <pre tabIndex={0} className={`overflow-x-auto py-4 text-[0.8125rem] leading-relaxed ${card}`}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing but their place.
        <span key={index} className={`block px-5 ${colours[line.mark]}`}>
          {line.mark} {line.text}
          {'\n'}
        </span>
      ))}
    </pre>
  )
}

const colours = { '+': 'bg-good-soft text-good', '-': 'bg-bad-soft text-bad', ' ': 'text-soft' }

/** The number of the version says nothing about what changed. */
function withoutBase({ $base: _, ...contents }: Record<string, unknown>): Record<string, unknown> {
  return contents
}
