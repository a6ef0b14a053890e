import { canonicalJson, type DiffLine, diffLines } from '@mortise/contract/manifest/diff'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Loaded, together } from '../kit/loaded.js'
import { card, rows, Section } from '../kit/page.js'
import { TimeAgo } from '../kit/time-ago.js'
import { manifest, manifests } from './queries.js'

/** Every version of the manifest, and what each changed. */
export function Manifests() {
  const { service: slug } = useParams({ from: '/signed/portal/$service' })
  const read = useQuery(manifests(slug))
  return (
    <Loaded read={read} what="The manifests">
      {(data) => <Versions slug={slug} data={data} />}
    </Loaded>
  )
}

function Versions({ slug, data }: { slug: string; data: readonly { id: string; created_at: string }[] }) {
  const [chosen, setChosen] = useState<string>()
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
  // Of the first one there is none before; then both are the same question, which is asked once.
  const read = together(useQuery(manifest(slug, id)), useQuery(manifest(slug, before ?? id)))
  return (
    <Loaded read={read} what="The manifest" rows={1} height="h-64">
      {([after, earlier]) => <Lines of={linesOf(after, before === undefined ? undefined : earlier)} />}
    </Loaded>
  )
}

type Contents = Record<string, unknown>

function linesOf(after: Contents, before: Contents | undefined): DiffLine[] {
  const text = canonicalJson(withoutBase(after))
  if (before) return diffLines(canonicalJson(withoutBase(before)), text)
  return text.split('\n').map((line) => ({ mark: ' ', text: line }))
}

function Lines({ of: lines }: { of: readonly DiffLine[] }) {
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
function withoutBase({ $base: _, ...contents }: Contents): Contents {
  return contents
}
