import type { Addon } from '@mortise/contract/platform-api/addons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError } from '../api.js'
import { apps, changed } from '../dashboard/resources.js'
import { ButtonLink } from '../kit/button.js'
import { Choice } from '../kit/field.js'
import { Monogram } from '../kit/mark.js'
import { Page } from '../kit/page.js'
import { Empty, Failed, Loading } from '../kit/state.js'
import { service as serviceInfo } from './catalog-queries.js'
import { InstallForm } from './install-form.js'
import { InstallProgress } from './install-progress.js'

/** Adds a service to one of the person's apps. App and plan stand in the address, so that it can be linked to. */
export function InstallPage() {
  const { service: name } = useParams({ from: '/signed/marketplace/$service/install' })
  const { app: chosen, plan = '' } = useSearch({ from: '/signed/marketplace/$service/install' })
  const navigate = useNavigate({ from: '/marketplace/$service/install' })
  const service = useQuery(serviceInfo(name))
  const appList = useQuery(apps)
  const [ordered, setOrdered] = useState<Addon>()
  const app = chosen ?? appList.data?.[0]?.name ?? ''
  const set = (change: { app?: string; plan?: string }) =>
    navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })
  const above = (
    <Link to="/marketplace/$service" params={{ service: name }} className="text-muted hover:text-ink">
      ← {service.data?.human_name ?? name}
    </Link>
  )
  const isMissing = service.data === null || (service.error instanceof ApiError && service.error.status === 404)
  const failure = service.error ?? appList.error
  if (isMissing || failure || !service.data || !appList.data || appList.data.length === 0) {
    return (
      <Page title={`Add ${service.data?.human_name ?? name}`} above={above}>
        {isMissing ? (
          <Empty
            title="No such service"
            action={<ButtonLink to="/marketplace">Look through the marketplace</ButtonLink>}
          >
            There is no add-on service {name} here.
          </Empty>
        ) : failure ? (
          <Failed what="The choices" error={failure} onRetry={() => [service.refetch(), appList.refetch()]} />
        ) : !service.data || !appList.data ? (
          <Loading />
        ) : (
          <Empty title="You have no app yet" action={<ButtonLink to="/dashboard">Go to your apps</ButtonLink>}>
            An add-on belongs to an app. Create one first, then come back here.
          </Empty>
        )}
      </Page>
    )
  }
  const isKnown = appList.data.some((one) => one.name === app)
  return (
    <Page
      title={`Add ${service.data.human_name}`}
      above={above}
      mark={<Monogram name={service.data.human_name} isLarge />}
      lead={
        ordered
          ? `${ordered.name}, for ${ordered.app.name}`
          : 'It is created for one of your apps, and its config vars go out with a new release.'
      }
    >
      {ordered ? (
        <InstallProgress ordered={ordered} service={service.data.human_name} />
      ) : (
        <InstallForm
          app={isKnown ? app : ''}
          service={name}
          plan={plan}
          onPlan={(word) => set({ plan: word })}
          isWide
          choices={
            <Choice
              label="App"
              name="app"
              value={isKnown ? app : ''}
              error={isKnown ? null : `You have no app ${app}. Choose another.`}
              onChange={(event) => set({ app: event.target.value })}
            >
              {!isKnown && <option value="">Choose an app</option>}
              {appList.data.map((one) => (
                <option key={one.id}>{one.name}</option>
              ))}
            </Choice>
          }
          onOrdered={async (addon) => {
            setOrdered(addon)
            await changed(addon.app.name)
          }}
          actions={(button) => (
            <div className="flex flex-wrap items-center justify-end gap-3 border-line border-t pt-5">
              <ButtonLink to="/marketplace/$service" params={{ service: name }}>
                Cancel
              </ButtonLink>
              {button}
            </div>
          )}
        />
      )}
    </Page>
  )
}
