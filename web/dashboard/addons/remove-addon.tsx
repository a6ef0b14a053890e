import type { Addon } from '@mortise/contract/platform-api/addons'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, routes } from '../../api.js'
import { Name } from '../../kit/badge.js'
import { Check } from '../../kit/check.js'
import { Confirm } from '../../kit/confirm.js'
import { Notice } from '../../kit/state.js'
import { attachmentsOf } from '../resources.js'
import { useAppChange } from '../use-app-change.js'

/** Removes an add-on and all that is in it, once the app's name is typed. */
export function RemoveAddon({ app, addon, onClose }: { app: string; addon: Addon; onClose(): void }) {
  const [isForced, setForced] = useState(false)
  const { data: attachments } = useQuery(attachmentsOf(app, addon.id))
  const others = [...new Set(attachments?.map((one) => one.app.name).filter((name) => name !== app))]
  const remove = useAppChange(app, onClose, {
    mutationFn: () =>
      api.call(routes.addons.destroy, {
        params: { app, addon: addon.name },
        body: isForced ? { force: true } : {},
      }),
    // While it is still going, the app's page tells of the end.
    said: ({ state }) => (state === 'deprovisioned' ? `${addon.name} is removed.` : `${addon.name} is being removed.`),
  })
  return (
    <Confirm
      title={`Remove ${addon.name}?`}
      lead="Everything stored in it is destroyed at the provider, and its config vars leave the app with a new release. This cannot be undone."
      verb="Remove add-on"
      isDanger
      typed={{ what: 'the app', name: app }}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      {attachments && attachments.length > 0 && (
        <div className="grid gap-1.5 text-sm">
          <p className="text-muted">With it go</p>
          <ul className="grid gap-1.5">
            {attachments.map((one) => (
              <li key={one.id} className="flex flex-wrap items-center gap-1.5">
                <span className="font-medium font-mono text-[0.8125rem]">{one.name}</span>
                <span className="text-muted">on {one.app.name}</span>
                {(one.config_vars ?? []).map((name) => (
                  <Name key={name}>{name}</Name>
                ))}
              </li>
            ))}
          </ul>
        </div>
      )}
      {others.length > 0 && (
        <>
          <Notice tone="warn" isStanding>
            {others.join(', ')} {others.length > 1 ? 'use' : 'uses'} it too.
          </Notice>
          <Check isChecked={isForced} onChange={setForced}>
            Detach it from there too
          </Check>
        </>
      )}
    </Confirm>
  )
}
