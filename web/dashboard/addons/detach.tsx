import type { Attachment } from '@mortise/contract/platform-api/addons'
import { useMutation } from '@tanstack/react-query'
import { api, routes } from '../../api.js'
import { Confirm } from '../../kit/confirm.js'
import { useSay } from '../../kit/toast.js'
import { changed } from '../resources.js'

/** Takes an add-on's name out of one app. What is in the add-on stays as it is. */
export function Detach({ app, attachment, onClose }: { app: string; attachment: Attachment; onClose(): void }) {
  const say = useSay()
  const target = attachment.app.name
  const names = attachment.config_vars ?? []
  const detach = useMutation({
    mutationFn: () => api.call(routes.attachments.destroy, { params: { attachment: attachment.id } }),
    async onSuccess() {
      say(`${attachment.name} is detached from ${target}.`)
      onClose()
      await Promise.all([changed(app), target === app ? null : changed(target)])
    },
  })
  return (
    <Confirm
      title={`Detach ${attachment.name} from ${target}?`}
      lead={`${names.length ? `${names.join(', ')} ${names.length > 1 ? 'leave' : 'leaves'} ${target} with a new release.` : `${target} gets a new release.`} ${attachment.addon.name} and all that is in it stay, and it can be attached again.`}
      verb="Detach"
      isBusy={detach.isPending}
      error={detach.error}
      onConfirm={() => detach.mutate()}
      onClose={onClose}
    />
  )
}
