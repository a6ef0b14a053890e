import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, queryClient, routes } from '../api.js'
import { appKey, apps } from '../dashboard/resources.js'
import { Button } from '../kit/button.js'
import { Confirm } from '../kit/confirm.js'
import { useSay } from '../kit/toast.js'

/** Takes away an app that was made for an add-on which did not come. */
export function RemoveMadeApp({ app, size, onRemoved }: { app: string; size?: 'small'; onRemoved(): void }) {
  const [isAsked, setAsked] = useState(false)
  const say = useSay()
  const remove = useMutation({
    mutationFn: () => api.call(routes.apps.destroy, { params: { app }, body: {} }),
    async onSuccess() {
      say(`${app} is removed.`)
      setAsked(false)
      queryClient.removeQueries({ queryKey: appKey(app) })
      queryClient.setQueryData(apps.queryKey, (all) => all?.filter((one) => one.name !== app))
      onRemoved()
    },
  })
  return (
    // A dialog's form is within this one's in React's eyes, and must not send it.
    <div onSubmit={(event) => event.stopPropagation()}>
      <Button {...(size ? { size } : {})} onClick={() => setAsked(true)}>
        Remove the app
      </Button>
      {isAsked && (
        <Confirm
          title={`Remove ${app}?`}
          lead="It was made for this add-on. What has been put into it since then goes with it."
          verb="Remove app"
          isDanger
          isBusy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsked(false)}
        />
      )}
    </div>
  )
}
