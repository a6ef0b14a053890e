import type { AddonService } from '@mortise/contract/platform-api/catalog'
import { useQuery } from '@tanstack/react-query'
import { configNames, moving } from '../dashboard/resources.js'
import { Name } from '../kit/badge.js'
import { expectedNames } from './config-names.js'

/** The config vars that the app is about to get, and those it has already under the same name. */
export function NamesPreview({ app, service, attachment }: { app: string; service: AddonService; attachment: string }) {
  const { data: present } = useQuery({ ...moving(app), enabled: app !== '', refetchInterval: false })
  const { data: taken } = useQuery({ ...configNames(app), enabled: app !== '' })
  const expected = expectedNames(service, attachment, {
    attachments: present?.attachments.map((one) => one.name) ?? [],
    hasService: present?.addons.some((addon) => addon.addon_service['name'] === service.name) ?? false,
  })
  const clashes = expected.names.filter((name) => taken?.includes(name))
  if (expected.names.length === 0) return null
  return (
    <div className="grid gap-2 rounded-xl bg-sunken px-4 py-3 text-sm" aria-live="polite">
      <p className="flex flex-wrap items-center gap-1.5">
        <span className="mr-1 text-soft">Config vars that will appear</span>
        {expected.names.map((name) => (
          <Name key={name}>{name}</Name>
        ))}
      </p>
      {expected.attachment === null && (
        <p className="text-muted">The usual name is taken in this app, so a colour is put in its place.</p>
      )}
      {clashes.length > 0 && (
        <p className="text-warn">
          {app} has {clashes.join(', ')} already. You are asked before it is replaced.
        </p>
      )}
    </div>
  )
}
