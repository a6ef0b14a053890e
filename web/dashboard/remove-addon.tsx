import type { Addon } from '@mortise/contract/platform-api/addons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, routes } from '../api.js'
import { Confirm } from '../kit/confirm.js'
import { Notice } from '../kit/state.js'
import { useSay } from '../kit/toast.js'
import { changed } from './resources.js'

/** Removes an add-on and all that is in it, once the app's name is typed. */
export function RemoveAddon({ app, addon, onClose }: { app: string; addon: Addon; onClose(): void }) {
  const say = useSay()
  const [isForced, setForced] = useState(false)
  const { data: attachments } = useQuery({
    queryKey: ['addons', addon.id, 'attachments'],
    queryFn: () => api.call(routes.attachments.listOfAddon, { params: { addon: addon.id } }),
  })
  const others = [...new Set(attachments?.map((one) => one.app.name).filter((name) => name !== app))]
  const remove = useMutation({
    mutationFn: () =>
      api.call(routes.addons.destroy, {
        params: { app, addon: addon.name },
        body: isForced ? { force: true } : {},
      }),
    async onSuccess(answer) {
      // While it is still going, the app's page tells of the end.
      say(answer.state === 'deprovisioned' ? `${addon.name} is removed.` : `${addon.name} is being removed.`)
      onClose()
      await changed(app)
    },
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
      {others.length > 0 && (
        <>
          <Notice tone="warn" isStanding>
            It is also attached to {others.join(', ')}.
          </Notice>
          <label className="flex items-start gap-3 text-sm">
            <input
              type="checkbox"
              checked={isForced}
              onChange={(event) => setForced(event.target.checked)}
              className="mt-0.5 size-4 accent-accent"
            />
            Detach it from there too
          </label>
        </>
      )}
    </Confirm>
  )
}
