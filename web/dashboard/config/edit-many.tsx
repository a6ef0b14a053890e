import type { Change } from '@mortise/contract/platform-api/changes'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, firstPage, queryClient, routes, sentenceOf } from '../../api.js'
import { Name } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { card } from '../../kit/page.js'
import { Notice } from '../../kit/state.js'
import { useSay } from '../../kit/toast.js'
import { changed } from '../resources.js'
import { type DraftRow, newRow, patchOf, problemsOf, rowOf, withPasted } from './draft.js'
import { DraftRowFields } from './draft-row.js'
import { PasteEnv } from './paste-env.js'

interface Props {
  app: string
  /** The app's own names when editing began. */
  own: readonly string[]
  /** Names that add-ons give, with the name of the add-on. */
  owners: ReadonlyMap<string, string>
  /** The newest release when editing began: what came after it is somebody else's. */
  version: number
  onClose(): void
}

/** Many config vars at once: edited here, rehearsed by the server, and sent as one change that makes one release. */
export function EditMany({ app, own, owners, version, onClose }: Props) {
  const [rows, setRows] = useState<DraftRow[]>(() => [...own.map(rowOf), newRow()])
  const [isPasting, setPasting] = useState(false)
  const [seen, setSeen] = useState(version)
  const patch = patchOf(rows)
  const problems = problemsOf(rows, owners)
  const count = Object.keys(patch).length
  const rehearse = useMutation({
    gcTime: 0,
    mutationFn: async () => {
      const [preview, news] = await Promise.all([
        api.call(routes.changes.create, { params: { app }, query: { dry_run: 'true' }, body: { config: patch } }),
        releasesAfter(app, seen),
      ])
      return { preview, news }
    },
  })
  const edit = (key: number, change: Partial<DraftRow>) =>
    setRows((all) => all.map((row) => (row.key === key ? { ...row, ...change } : row)))

  return (
    <>
      <form
        aria-label="Edit config vars"
        onSubmit={(event) => {
          event.preventDefault()
          if (count > 0 && problems.size === 0 && !rehearse.isPending) rehearse.mutate()
        }}
        className={`mb-12 ${card}`}
      >
        <div className="flex flex-wrap items-center justify-between gap-3 border-line border-b px-5 py-4">
          <div>
            <h2 className="font-semibold text-lg tracking-tight">Edit config vars</h2>
            <p className="text-muted text-sm">
              An empty field leaves a value as it is. All changes go out as one release.
            </p>
          </div>
          <Button size="small" onClick={() => setPasting(true)}>
            Paste .env text
          </Button>
        </div>
        <ul className="divide-y divide-line">
          {rows.map((row) => (
            <DraftRowFields
              key={row.key}
              row={row}
              problem={problems.get(row.key) ?? null}
              onEdit={(change) => edit(row.key, change)}
              onDrop={() => setRows((all) => all.filter(({ key }) => key !== row.key))}
            />
          ))}
        </ul>
        <div className="border-line border-t px-5 py-3">
          <Button look="ghost" size="small" className="-ml-3" onClick={() => setRows((all) => [...all, newRow()])}>
            Add a line
          </Button>
        </div>
        {rehearse.error && (
          <div className="px-5 pb-4">
            <Notice tone="bad">{sentenceOf(rehearse.error)}</Notice>
          </div>
        )}
        <div className="sticky bottom-0 flex flex-wrap items-center justify-end gap-3 rounded-b-card border-line border-t bg-surface px-5 py-4">
          <p className="mr-auto text-muted text-sm" aria-live="polite">
            {problems.size > 0
              ? `${problems.size === 1 ? 'One line' : `${problems.size} lines`} can not be sent yet`
              : count === 0
                ? 'Nothing changed yet'
                : `${count} ${count === 1 ? 'change' : 'changes'}`}
          </p>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={count === 0 || problems.size > 0} isBusy={rehearse.isPending}>
            Review changes
          </Button>
        </div>
      </form>
      {isPasting && (
        <PasteEnv
          onPaste={(pasted) => {
            setRows((all) => withPasted(all, pasted))
            setPasting(false)
          }}
          onClose={() => setPasting(false)}
        />
      )}
      {rehearse.data && (
        <Review
          app={app}
          patch={patch}
          preview={rehearse.data.preview}
          news={rehearse.data.news}
          onDone={onClose}
          onClose={() => {
            // What was told once is known.
            setSeen(Math.max(seen, ...rehearse.data.news.map((one) => one.version)))
            rehearse.reset()
          }}
        />
      )}
    </>
  )
}

interface News {
  version: number
  description: string
  who: string
}

/** What others released meanwhile. */
async function releasesAfter(app: string, version: number): Promise<News[]> {
  const newest = await firstPage.call(routes.releases.list, {
    params: { app },
    headers: { range: 'version ..; order=desc, max=10' },
  })
  return newest
    .filter((release) => release.version > version)
    .map((release) => ({
      version: release.version,
      description: release.description.replaceAll('@ref:', '@'),
      who: release.user.email,
    }))
}

interface ReviewProps {
  app: string
  patch: Record<string, string | null>
  preview: Change
  news: readonly News[]
  onDone(): void
  onClose(): void
}

function Review({ app, patch, preview, news, onDone, onClose }: ReviewProps) {
  const say = useSay()
  const { added, changed: altered, removed } = preview.config_vars
  const count = added.length + altered.length + removed.length
  const release = useMutation({
    gcTime: 0,
    mutationFn: () => api.call(routes.config.update, { params: { app }, body: patch }),
    async onSuccess() {
      say(`${count} config ${count === 1 ? 'var is' : 'vars are'} changed with one release.`)
      onDone()
      await changed(app)
    },
    onError: () => queryClient.invalidateQueries({ queryKey: ['apps', app] }),
  })
  return (
    <Dialog
      title={count === 0 ? 'Nothing would change' : 'Release these changes?'}
      lead={
        count === 0
          ? 'Every value that you typed is what the app has already.'
          : 'They make one release, and the app restarts with it. A value that is what it was is not counted.'
      }
      onClose={onClose}
    >
      <div className="grid gap-5">
        {news.length > 0 && (
          <Notice tone="warn" isStanding>
            <p className="font-medium">The app changed while you were editing</p>
            <ul className="mt-1 grid gap-0.5">
              {news.map((one) => (
                <li key={one.version}>
                  v{one.version}: {one.description} ({one.who})
                </li>
              ))}
            </ul>
            <p className="mt-1">Your changes come on top, and touch no other name.</p>
          </Notice>
        )}
        <Names word="Added" names={added} />
        <Names word="Changed" names={altered} />
        <Names word="Removed" names={removed} />
        {release.error && <Notice tone="bad">{sentenceOf(release.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Back</Button>
          {count > 0 && (
            <Button look="primary" isBusy={release.isPending} onClick={() => release.mutate()}>
              Release {count === 1 ? 'the change' : `${count} changes`}
            </Button>
          )}
        </Actions>
      </div>
    </Dialog>
  )
}

function Names({ word, names }: { word: string; names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <div className="grid grid-cols-[5rem_1fr] items-baseline gap-3 text-sm">
      <p className="text-muted">{word}</p>
      <p className="flex flex-wrap gap-1.5">
        {names.map((name) => (
          <Name key={name}>{name}</Name>
        ))}
      </p>
    </div>
  )
}
