import type { Addon } from '@mortise/contract/platform-api/addons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { queryClient } from '../api.js'
import { apps, changed } from '../dashboard/resources.js'
import { ButtonLink } from '../kit/button.js'
import { Choice } from '../kit/field.js'
import { Loaded, together } from '../kit/loaded.js'
import { Monogram } from '../kit/mark.js'
import { Page } from '../kit/page.js'
import { Empty, Loading } from '../kit/state.js'
import { service as serviceInfo } from './catalog-queries.js'
import { InstallForm } from './install-form.js'
import { type NewApp, NewAppFields } from './new-app-fields.js'

// Comes once something is ordered.
const InstallProgress = lazy(() =>
  import('./install-progress.js').then((module) => ({ default: module.InstallProgress })),
)

/**
 * Adds a service to one of the person's apps, or to a new one. App, region and plan stand in the address, so that it can be
 * linked to.
 */
export function InstallPage() {
  const { service: name } = useParams({ from: '/signed/marketplace/$service/install' })
  const { app: chosen, new: isWanted, region, plan = '' } = useSearch({ from: '/signed/marketplace/$service/install' })
  const navigate = useNavigate({ from: '/marketplace/$service/install' })
  const service = useQuery(serviceInfo(name))
  const appList = useQuery(apps)
  const [newApp, setNewApp] = useState<NewApp>({ name: '', team: '' })
  const [ordered, setOrdered] = useState<{ addon: Addon; madeIn: string | undefined }>()
  const isNew = isWanted === true || appList.data?.length === 0
  const offered = service.data?.regions
  // An app that it can be had for, where there is one.
  const fits = appList.data?.find((one) => offered?.includes(one.region.name) ?? true) ?? appList.data?.[0]
  const app = isNew ? '' : (chosen ?? fits?.name ?? '')
  const search = (change: { app?: string; new?: true; region?: string; plan?: string }) =>
    navigate({ search: { ...(plan ? { plan } : {}), ...change }, replace: true, resetScroll: false })
  const toNew = () => search({ new: true })
  const above = (
    <Link to="/marketplace/$service" params={{ service: name }} className="text-muted hover:text-ink">
      ← {service.data?.human_name ?? name}
    </Link>
  )
  if (!service.data || !appList.data) {
    const missing = () => (
      <Empty title="No such service" action={<ButtonLink to="/marketplace">Look through the marketplace</ButtonLink>}>
        There is no add-on service {name} here.
      </Empty>
    )
    return (
      <Page title={`Add ${service.data?.human_name ?? name}`} above={above}>
        <Loaded read={together(service, appList)} what="The choices" missing={missing}>
          {missing}
        </Loaded>
      </Page>
    )
  }
  const isKnown = isNew || appList.data.some((one) => one.name === app)
  return (
    <Page
      title={`Add ${service.data.human_name}`}
      above={above}
      mark={<Monogram name={service.data.human_name} isLarge />}
      lead={
        ordered
          ? `${ordered.addon.name}, for ${ordered.addon.app.name}`
          : 'It is created for one of your apps or for a new one, and its config vars go out with a new release.'
      }
    >
      {ordered ? (
        <Suspense fallback={<Loading />}>
          <InstallProgress
            ordered={ordered.addon}
            madeIn={ordered.madeIn}
            service={service.data.human_name}
            onAgain={() => setOrdered(undefined)}
            onRemoved={() => {
              setOrdered(undefined)
              toNew()
            }}
          />
        </Suspense>
      ) : (
        <InstallForm
          app={isKnown ? app : ''}
          {...(isNew
            ? { newApp: { ...newApp, region, onRegion: (to: string) => search({ new: true, region: to }) } }
            : {})}
          service={name}
          plan={plan}
          onPlan={(word) => search({ ...(isNew ? { new: true, ...(region ? { region } : {}) } : { app }), plan: word })}
          isWide
          choices={
            <>
              {appList.data.length > 0 && (
                <Choice
                  label="App"
                  name="app"
                  value={isNew ? newOne : isKnown ? app : ''}
                  error={isKnown ? null : `You have no app ${app}. Choose another.`}
                  onChange={({ target }) => (target.value === newOne ? toNew() : search({ app: target.value }))}
                >
                  {!isKnown && <option value="">Choose an app</option>}
                  {appList.data.map((one) => (
                    <option key={one.id}>{one.name}</option>
                  ))}
                  <option value={newOne}>A new app</option>
                </Choice>
              )}
              {isNew && <NewAppFields value={newApp} onChange={setNewApp} />}
            </>
          }
          onOrdered={async (addon, made) => {
            setOrdered({ addon, madeIn: made?.region })
            if (made) {
              await queryClient.invalidateQueries({ queryKey: apps.queryKey, exact: true })
              await search({ app: addon.app.name })
            }
            await changed(addon.app.name)
          }}
          onOnlyTheApp={(made) => {
            queryClient.setQueryData(apps.queryKey, (all) => [...(all ?? []), made])
            search({ app: made.name })
          }}
          onRemoved={toNew}
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

/** Stands for an app that is not there yet; none can be called so. */
const newOne = '+'
