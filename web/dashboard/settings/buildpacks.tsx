import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { TextArea } from '../../kit/field.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { None, Notice } from '../../kit/state.js'
import { useAppChange } from '../use-app-change.js'
import { buildpacks } from './queries.js'

/** What turns the source into a slug, in this order; detected when nothing is said. */
export function Buildpacks({ app }: { app: string }) {
  const read = useQuery(buildpacks(app))
  const [isEditing, setEditing] = useState(false)
  return (
    <Section
      title="Buildpacks"
      count={read.data?.length}
      action={
        read.data && (
          <Button size="small" onClick={() => setEditing(true)}>
            Choose buildpacks
          </Button>
        )
      }
    >
      <Loaded
        read={read}
        what="The buildpacks"
        rows={1}
        empty={<None>None is chosen, so each build detects one by what is in the source.</None>}
      >
        {(data) => (
          <ol className={rows}>
            {data.map((one, index) => (
              <li key={one.url} className="flex gap-4 px-5 py-3.5">
                <span className="text-muted tabular-nums">{index + 1}</span>
                <span className="min-w-0 [overflow-wrap:anywhere]">{one.name}</span>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
      {isEditing && read.data && (
        <Choose app={app} now={read.data.map(({ url }) => url)} onClose={() => setEditing(false)} />
      )}
    </Section>
  )
}

function Choose({ app, now, onClose }: { app: string; now: readonly string[]; onClose(): void }) {
  const [text, setText] = useState(now.join('\n'))
  const choose = useAppChange(app, onClose, {
    mutationFn: () => {
      const wanted = text.split('\n').flatMap((line) => line.trim() || [])
      return api.call(routes.builds.putBuildpacks, {
        params: { app },
        body: { updates: wanted.map((buildpack) => ({ buildpack })) },
      })
    },
    said: (chosen) =>
      chosen.length ? 'The next build uses these buildpacks.' : 'The next build detects its buildpack.',
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (!choose.isPending) choose.mutate()
  }
  return (
    <Dialog title="Choose buildpacks" lead="The next build runs them in this order." onClose={onClose}>
      <form onSubmit={submit} className="grid gap-5">
        <TextArea
          label="Buildpacks"
          hint="A name, or the https address of a .tgz or of a GitHub repository; one a line. Empty: it is detected."
          rows={4}
          isName
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        {choose.error && <Notice tone="bad">{sentenceOf(choose.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={choose.isPending}>
            Save
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
