import type { Addon } from '@mortise/contract/platform-api/addons'
import type { Change } from '@mortise/contract/platform-api/changes'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Name } from '../../kit/badge.js'
import { Button } from '../../kit/button.js'
import { Check } from '../../kit/check.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Choice, Field } from '../../kit/field.js'
import { Loaded, type Read } from '../../kit/loaded.js'
import { Empty, Loading, Notice } from '../../kit/state.js'
import { useSay } from '../../kit/toast.js'
import { services } from '../../marketplace/catalog-queries.js'
import { addons, apps, changed } from '../resources.js'
import { usePause } from '../use-pause.js'
import { serviceOf } from './words.js'

/** Either the add-on is fixed and an app is chosen, or the other way round. */
type Props = { onClose(): void } & (
  | { addon: Addon; from: string; app?: undefined }
  | { app: string; addon?: undefined }
)

/** Gives an app an add-on that is there already. Names and clashes are the server's own rehearsal, before anything happens. */
export function AttachAddon(props: Props) {
  const { onClose } = props
  const appList = useQuery({ ...apps, enabled: props.addon !== undefined })
  const addonList = useQuery({ ...addons, enabled: props.addon === undefined })
  const catalog = useQuery(services)
  const [chosen, setChosen] = useState('')
  const [name, setName] = useState('')
  const [isConfirmed, setConfirmed] = useState(false)

  const targets = (appList.data ?? []).filter((one) => one.name !== props.addon?.app.name)
  const offered = (addonList.data ?? []).filter((one) => one.app.name !== props.app && one.state === 'provisioned')
  const app = props.app ?? (chosen || targets[0]?.name || '')
  const addon = props.addon ?? offered.find((one) => one.id === chosen) ?? offered[0]
  const isShareable = catalog.data?.find((one) => addon && one.name === serviceOf(addon))?.supports_sharing !== false
  const paused = usePause(name.trim(), 300)
  const preview = useQuery({
    queryKey: ['apps', app, 'attach-preview', addon?.id, paused],
    enabled: app !== '' && addon !== undefined && isShareable,
    retry: false,
    queryFn: ({ signal }) =>
      api.call(routes.changes.create, {
        params: { app },
        query: { dry_run: 'true' },
        body: { attach: [{ addon: addon?.id ?? '', ...(paused ? { name: paused } : {}) }] },
        signal,
      }),
  })
  const mustConfirm = (preview.data?.overwrites.length ?? 0) > 0
  const attach = useAttach({
    app,
    addon,
    name: name.trim(),
    mustConfirm,
    from: props.addon ? props.from : app,
    onClose,
  })
  const canAttach = preview.data !== undefined && paused === name.trim() && (!mustConfirm || isConfirmed)

  function submit(event: FormEvent) {
    event.preventDefault()
    if (canAttach && !attach.isPending) attach.mutate()
  }

  const title = props.addon ? `Attach ${props.addon.name} to another app` : `Attach an add-on to ${app}`
  const choices: Read<unknown> = props.addon ? appList : addonList
  if (!choices.data || !addon || app === '') {
    return (
      <Dialog title={title} onClose={onClose}>
        <Loaded read={choices} what="The choices" rows={2}>
          {() =>
            props.addon ? (
              <Empty title="There is no other app">Create another app, and this add-on can serve both.</Empty>
            ) : (
              <Empty title="No other app has an add-on">
                An add-on of any app that you work on can be attached here.
              </Empty>
            )
          }
        </Loaded>
      </Dialog>
    )
  }
  return (
    <Dialog
      title={title}
      lead="Both apps use the same resource. It stays on the bill of its own app; whoever works on the other one can read its config vars."
      onClose={onClose}
    >
      <form onSubmit={submit} className="grid gap-5">
        {props.addon ? (
          <Choice label="App" name="app" value={app} onChange={(event) => setChosen(event.target.value)}>
            {targets.map((one) => (
              <option key={one.id}>{one.name}</option>
            ))}
          </Choice>
        ) : (
          <Choice label="Add-on" name="addon" value={addon.id} onChange={(event) => setChosen(event.target.value)}>
            {offered.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name} ({one.app.name})
              </option>
            ))}
          </Choice>
        )}
        <Field
          label="Attached as"
          name="attachment"
          hint="What its config vars begin with there. Leave it empty for the usual one."
          isName
          maxLength={100}
          value={name}
          onChange={(event) => {
            setName(event.target.value)
            setConfirmed(false)
          }}
        />
        {!isShareable ? (
          <Notice tone="warn" isStanding>
            Its service does not allow an add-on to serve several apps. Add another one to {app} instead.
          </Notice>
        ) : preview.error ? (
          <Notice tone="bad">{sentenceOf(preview.error)}</Notice>
        ) : (
          <Names app={app} preview={preview.data} />
        )}
        {mustConfirm && (
          <Check isChecked={isConfirmed} onChange={setConfirmed}>
            Replace what {app} has under these names
          </Check>
        )}
        {attach.error && <Notice tone="bad">{sentenceOf(attach.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!canAttach} isBusy={attach.isPending}>
            Attach
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

interface Wanted {
  app: string
  addon: Addon | undefined
  name: string
  mustConfirm: boolean
  from: string
  onClose(): void
}

function useAttach({ app, addon, name, mustConfirm, from, onClose }: Wanted) {
  const say = useSay()
  return useMutation({
    mutationFn: () =>
      api.call(routes.attachments.create, {
        body: {
          addon: addon?.id ?? '',
          app,
          ...(name ? { name } : {}),
          ...(mustConfirm ? { confirm: app } : {}),
        },
      }),
    async onSuccess(made) {
      say(`${made.addon.name} is attached to ${made.app.name} as ${made.name}.`)
      onClose()
      await Promise.all([changed(app), from === app ? null : changed(from)])
    },
  })
}

/** What the server says would come of it. */
function Names({ app, preview }: { app: string; preview: Change | undefined }) {
  const attached = preview?.attachments[0]
  if (!attached) return <Loading what="What would come of it" count={1} />
  return (
    <div className="grid gap-2 rounded-xl bg-sunken px-4 py-3 text-sm" aria-live="polite">
      <p className="flex flex-wrap items-center gap-1.5">
        <span className="mr-1 text-soft">{app} gets</span>
        {attached.config_vars.map((name) => (
          <Name key={name}>{name}</Name>
        ))}
      </p>
      {preview.overwrites.length > 0 && (
        <p className="text-warn">It takes the place of {preview.overwrites.join('; ')}.</p>
      )}
    </div>
  )
}
