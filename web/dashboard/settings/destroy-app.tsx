import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError, api, queryClient, routes } from '../../api.js'
import { Check } from '../../kit/check.js'
import { Confirm } from '../../kit/confirm.js'
import { useSay } from '../../kit/toast.js'
import { appKey, apps, moving } from '../resources.js'

/** Ends an app, once its name is typed; says first what goes with it. */
export function DestroyApp({ app, onClose }: { app: string; onClose(): void }) {
  const say = useSay()
  const navigate = useNavigate()
  const [isForced, setForced] = useState(false)
  const { data } = useQuery(moving(app))
  const own = data?.addons.filter((addon) => addon.app.name === app) ?? []
  const lent = data?.addons.filter((addon) => addon.app.name !== app) ?? []
  const destroy = useMutation({
    mutationFn: () => api.call(routes.apps.destroy, { params: { app }, body: isForced ? { force: true } : {} }),
    async onSuccess() {
      say(`${app} is destroyed.`)
      await navigate({ to: '/dashboard' })
      queryClient.removeQueries({ queryKey: appKey(app) })
      await queryClient.invalidateQueries({ queryKey: apps.queryKey, exact: true })
    },
  })
  // Others' apps that use an add-on of this one are named in the refusal; then it can be insisted on.
  const canForce = destroy.error instanceof ApiError && destroy.error.status === 422
  return (
    <Confirm
      title={`Destroy ${app}?`}
      lead="It stops at once and is gone, with its releases, its config vars and its domains. This cannot be undone."
      verb="Destroy app"
      isDanger
      typed={{ what: 'the app', name: app }}
      isBusy={destroy.isPending}
      error={destroy.error}
      onConfirm={() => destroy.mutate()}
      onClose={onClose}
    >
      {own.length + lent.length > 0 && (
        <ul className="grid gap-1 text-sm">
          {own.map((addon) => (
            <li key={addon.id}>
              <span className="font-mono text-[0.8125rem]">{addon.name}</span>{' '}
              <span className="text-muted">is removed, with everything in it</span>
            </li>
          ))}
          {lent.map((addon) => (
            <li key={addon.id}>
              <span className="font-mono text-[0.8125rem]">{addon.name}</span>{' '}
              <span className="text-muted">of {addon.app.name} is detached and stays</span>
            </li>
          ))}
        </ul>
      )}
      {(canForce || isForced) && (
        <Check isChecked={isForced} onChange={setForced}>
          Detach its add-ons from those apps too
        </Check>
      )}
    </Confirm>
  )
}
