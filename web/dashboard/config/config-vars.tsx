import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { Confirm } from '../../kit/confirm.js'
import { Loaded, together } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { Empty } from '../../kit/state.js'
import { useSay } from '../../kit/toast.js'
import { type configOwners, configOwnersOf, configValue, moving } from '../resources.js'
import { useAppChange } from '../use-app-change.js'
import { EditMany } from './edit-many.js'
import { EditVar } from './edit-var.js'

/** Names at once, values one by one on demand; the app's own apart from those that its add-ons set. */
export function ConfigVars() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/config-vars' })
  const read = together(useQuery(configOwnersOf(app)), useQuery(moving(app)))
  return (
    <Loaded read={read} what="The config vars" rows={4}>
      {([names, { releases }]) => <Vars app={app} names={names} version={releases[0]?.version ?? 0} />}
    </Loaded>
  )
}

interface VarsProps {
  app: string
  names: Awaited<ReturnType<typeof configOwners>>
  /** The newest release. */
  version: number
}

function Vars({ app, names, version }: VarsProps) {
  const [editing, setEditing] = useState<{ name?: string } | null>(null)
  const [removing, setRemoving] = useState<string | null>(null)
  /** The release that was newest when editing several began. */
  const [editedFrom, setEditedFrom] = useState<number | null>(null)
  const owners = new Map(names.flatMap(({ name, addon }) => (addon ? [[name, addon.name] as const] : [])))
  const own = names.filter(({ addon }) => !addon).map(({ name }) => name)
  const attached = [...owners.keys()]
  const editSeveral = (
    <Button size={own.length ? 'small' : 'normal'} onClick={() => setEditedFrom(version)}>
      Edit several
    </Button>
  )
  const add = (
    <Button size={own.length ? 'small' : 'normal'} look="primary" onClick={() => setEditing({})}>
      Add a config var
    </Button>
  )
  return (
    <>
      {editedFrom !== null && (
        <EditMany app={app} own={own} owners={owners} version={editedFrom} onClose={() => setEditedFrom(null)} />
      )}
      {editedFrom === null && (
        <Section
          title="Your own"
          count={own.length}
          action={
            own.length > 0 && (
              <div className="flex flex-wrap gap-2">
                {editSeveral}
                {add}
              </div>
            )
          }
        >
          {own.length === 0 ? (
            <Empty
              title="None of your own yet"
              action={
                <div className="flex flex-wrap justify-center gap-2">
                  {add}
                  {editSeveral}
                </div>
              }
            >
              Settings that your code reads from its environment. Each change makes a release.
            </Empty>
          ) : (
            <ul className={rows}>
              {own.map((name) => (
                <Row key={name} app={app} name={name}>
                  <Button look="ghost" size="small" aria-label={`Edit ${name}`} onClick={() => setEditing({ name })}>
                    Edit
                  </Button>
                  <Button look="ghost" size="small" aria-label={`Remove ${name}`} onClick={() => setRemoving(name)}>
                    Remove
                  </Button>
                </Row>
              ))}
            </ul>
          )}
        </Section>
      )}
      {attached.length > 0 && (
        <Section title="Set by add-ons" count={attached.length}>
          <ul className={rows}>
            {attached.map((name) => (
              <Row key={name} app={app} name={name} owner={owners.get(name)} />
            ))}
          </ul>
        </Section>
      )}
      {editing && <EditVar app={app} name={editing.name} onClose={() => setEditing(null)} />}
      {removing && <RemoveVar app={app} name={removing} onClose={() => setRemoving(null)} />}
    </>
  )
}

interface RowProps {
  app: string
  name: string
  /** The add-on that sets it; only a customer's own can be changed here. */
  owner?: string
  children?: ReactNode
}

function Row({ app, name, owner, children }: RowProps) {
  const say = useSay()
  const [value, setValue] = useState<string | null>(null)
  const reveal = useMutation({
    mutationFn: () => configValue(app, name),
    // Not kept when the row goes: a value stays on the page only as long as it is looked at.
    gcTime: 0,
    onSuccess: (found) => {
      setValue(found)
      reveal.reset()
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  return (
    <li className="grid items-center gap-x-6 gap-y-1.5 px-5 py-3 sm:grid-cols-[2fr_3fr_auto]">
      <div className="grid min-w-0 gap-0.5">
        <code className="text-[0.8125rem] [overflow-wrap:anywhere]">{name}</code>
        {owner && <span className="text-muted text-xs [overflow-wrap:anywhere]">{owner}</span>}
      </div>
      <code className="min-w-0 text-[0.8125rem] text-muted [overflow-wrap:anywhere]" aria-live="polite">
        {value === null ? <Hidden /> : value === '' ? '(empty)' : value}
      </code>
      <div className="flex items-center gap-1 max-sm:-ml-3 sm:-mr-3 sm:w-52">
        <Button
          look="ghost"
          size="small"
          isBusy={reveal.isPending}
          aria-label={`${value === null ? 'Reveal' : 'Hide'} ${name}`}
          onClick={() => (value === null ? reveal.mutate() : setValue(null))}
          className="sm:ml-auto"
        >
          {value === null ? 'Reveal' : 'Hide'}
        </Button>
        {children}
      </div>
    </li>
  )
}

const Hidden = () => (
  <span role="img" aria-label="Hidden">
    ••••••••••••
  </span>
)

function RemoveVar({ app, name, onClose }: { app: string; name: string; onClose(): void }) {
  const remove = useAppChange(app, onClose, {
    mutationFn: () => api.call(routes.config.update, { params: { app }, body: { [name]: null } }),
    gcTime: 0,
    said: () => `${name} is removed.`,
  })
  return (
    <Confirm
      title={`Remove ${name}?`}
      lead="The app is released without it and restarts. An earlier release still has the value, to roll back to."
      verb="Remove"
      isDanger
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  )
}
