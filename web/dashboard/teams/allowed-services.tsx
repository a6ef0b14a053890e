import type { AllowedService } from '@mortise/contract/platform-api/teams'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Choice } from '../../kit/field.js'
import { Loaded } from '../../kit/loaded.js'
import { rows, Section } from '../../kit/page.js'
import { Empty, None, Notice } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useSay } from '../../kit/toast.js'
import { services } from '../../marketplace/catalog-queries.js'
import { allowedServices, teamsChanged } from './queries.js'

/** Which add-on services the team's apps may use: all, until one is named. */
export function AllowedServices({ team, isAdmin }: { team: string; isAdmin: boolean }) {
  const say = useSay()
  const read = useQuery(allowedServices(team))
  const [isAllowing, setAllowing] = useState(false)
  const disallow = useMutation({
    mutationFn: (one: AllowedService) =>
      api.call(routes.teams.disallowService, { params: { team, service: one.addon_service.id } }),
    async onSuccess({ addon_service: { human_name } }) {
      say(
        read.data?.length === 1
          ? 'No service is named any more, so all are allowed.'
          : `${human_name} can no longer be added. What is there stays.`,
      )
      await teamsChanged()
    },
    onError: (failure) => say(sentenceOf(failure), 'bad'),
  })
  return (
    <Section
      title="Allowed add-on services"
      count={read.data?.length}
      action={
        isAdmin && (
          <Button size="small" onClick={() => setAllowing(true)}>
            Allow a service
          </Button>
        )
      }
    >
      <Loaded
        read={read}
        what="The allowed services"
        rows={1}
        empty={
          <None>
            Its apps may use every service of the marketplace. Once one is named here, only those that are named.
          </None>
        }
      >
        {(data) => (
          <ul className={rows}>
            {data.map((one) => (
              <li key={one.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3.5">
                <div className="min-w-0 flex-1 basis-48">
                  <p className="font-medium [overflow-wrap:anywhere]">{one.addon_service.human_name}</p>
                  <p className="text-muted text-sm [overflow-wrap:anywhere]">
                    Allowed by {one.added_by.email} <TimeAgo at={one.added_at} />
                  </p>
                </div>
                {isAdmin && (
                  <Button
                    look="ghost"
                    size="small"
                    aria-label={`Take off the list: ${one.addon_service.human_name}`}
                    onClick={() => disallow.mutate(one)}
                    className="max-sm:-ml-3 sm:-mr-3"
                  >
                    Take off the list
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {isAllowing && <Allow team={team} allowed={read.data ?? []} onClose={() => setAllowing(false)} />}
    </Section>
  )
}

interface AllowProps {
  team: string
  allowed: readonly AllowedService[]
  onClose(): void
}

function Allow({ team, allowed, onClose }: AllowProps) {
  const say = useSay()
  const catalog = useQuery(services)
  const [chosen, setChosen] = useState('')
  const offered = (catalog.data ?? [])
    .filter((one) => !allowed.some(({ addon_service: { id } }) => id === one.id))
    .sort((a, b) => a.human_name.localeCompare(b.human_name))
  const wanted = chosen || (offered[0]?.name ?? '')
  const allow = useMutation({
    mutationFn: () => api.call(routes.teams.allowService, { params: { team }, body: { addon_service: wanted } }),
    async onSuccess([made]) {
      say(`${made?.addon_service.human_name ?? wanted} is allowed.`)
      onClose()
      await teamsChanged()
    },
  })
  function submit(event: FormEvent) {
    event.preventDefault()
    if (wanted && !allow.isPending) allow.mutate()
  }
  return (
    <Dialog
      title="Allow a service"
      lead={
        allowed.length === 0
          ? 'It is the first on the list: from then on the team’s apps can add this one only. What they have stays.'
          : 'The team’s apps can add it from then on.'
      }
      onClose={onClose}
    >
      <Loaded
        read={catalog}
        what="The services"
        rows={1}
        isEmpty={() => offered.length === 0}
        empty={<Empty title="Every service is on the list">There is nothing else in the marketplace.</Empty>}
      >
        {() => (
          <form onSubmit={submit} className="grid gap-5">
            <Choice label="Service" name="service" value={wanted} onChange={(event) => setChosen(event.target.value)}>
              {offered.map((one) => (
                <option key={one.id} value={one.name}>
                  {one.human_name}
                </option>
              ))}
            </Choice>
            {allow.error && <Notice tone="bad">{sentenceOf(allow.error)}</Notice>}
            <Actions>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" look="primary" isBusy={allow.isPending}>
                Allow
              </Button>
            </Actions>
          </form>
        )}
      </Loaded>
    </Dialog>
  )
}
