import type { Addon } from '@mortise/contract/platform-api/addons'
import { useQuery } from '@tanstack/react-query'
import { api, routes } from '../api.js'
import { appKey, moving } from '../dashboard/resources.js'
import { Button, ButtonLink, buttonClass, Wheel } from '../kit/button.js'
import { OutwardArrow } from '../kit/mark.js'
import { card } from '../kit/page.js'
import { useLive } from '../live.js'
import { installSteps, type Step } from './install-steps.js'
import { RemoveMadeApp } from './remove-made-app-later.js'

interface InstallProgressProps {
  ordered: Addon
  service: string
  /** Where the app was made, if it was made for this. */
  madeIn: string | undefined
  /** It failed: another try, with the same app. */
  onAgain(): void
  /** It failed, and the app that was made for it is removed. */
  onRemoved(): void
}

/** From the order until the app has what it ordered, step by step as it happens. */
export function InstallProgress({ ordered, service, madeIn, onAgain, onRemoved }: InstallProgressProps) {
  const app = ordered.app.name
  useLive({ app }, appKey(app))
  const { data } = useQuery(moving(app))
  const listed = data?.addons.find((one) => one.id === ordered.id)
  // One that failed is not in the app's list any more; why, it says itself.
  const { data: gone } = useQuery({
    queryKey: ['addons', ordered.id, 'gone'],
    enabled: data !== undefined && listed === undefined,
    retry: false,
    queryFn: () => api.call(routes.addons.info, { params: { addon: ordered.id } }),
  })
  const addon = listed ?? (data ? gone : ordered)
  const steps = installSteps({
    service,
    app,
    madeIn,
    addon: data && !listed && !gone ? ordered : addon,
    attachments: data?.attachments ?? [],
    releases: data?.releases ?? [],
  })
  const isReady = steps.every((step) => step.state === 'done')
  const isFailed = steps.some((step) => step.state === 'failed')
  // A failed release leaves the add-on where it is.
  const isThere = addon?.state === 'provisioned'
  return (
    <div className={`grid max-w-2xl gap-6 p-6 sm:p-8 ${card}`}>
      <h2 className="font-semibold text-lg tracking-tight" aria-live="polite">
        {isReady ? 'It is ready' : isFailed ? 'It did not work' : 'Under way'}
      </h2>
      <ol className="grid gap-4">
        {steps.map((step) => (
          <li key={step.title} aria-current={step.state === 'now' ? 'step' : undefined} className="flex gap-3">
            <Sign state={step.state} />
            <div className="min-w-0">
              <p className={step.state === 'next' ? 'text-muted' : 'font-medium'}>{step.title}</p>
              {step.says && <p className="text-soft text-sm [overflow-wrap:anywhere]">{step.says}</p>}
            </div>
          </li>
        ))}
      </ol>
      {isFailed && !isThere && madeIn && (
        <p className="text-sm">The app {app} was made and stays, without the add-on. Nothing is charged.</p>
      )}
      {!isReady && !isFailed && <p className="text-muted text-sm">You can leave this page; it goes on by itself.</p>}
      <div className="flex flex-wrap gap-3 border-line border-t pt-5">
        <ButtonLink look="primary" to="/dashboard/apps/$app" params={{ app }}>
          Go to {app}
        </ButtonLink>
        {isFailed ? (
          <>
            {!isThere && <Button onClick={onAgain}>Try another plan</Button>}
            {!isThere && madeIn && <RemoveMadeApp app={app} onRemoved={onRemoved} />}
            <ButtonLink to="/marketplace">Look for another</ButtonLink>
          </>
        ) : (
          isReady &&
          addon?.web_url && (
            <a href={addon.web_url} target="_blank" rel="noopener noreferrer" className={buttonClass()}>
              Open its dashboard
              <OutwardArrow />
            </a>
          )
        )}
      </div>
    </div>
  )
}

const signs: Record<Step['state'], string> = {
  done: 'bg-good-soft text-good',
  now: 'bg-accent-soft text-accent',
  next: 'border border-line text-muted',
  failed: 'bg-bad-soft text-bad',
}

function Sign({ state }: { state: Step['state'] }) {
  return (
    <span aria-hidden="true" className={`mt-px grid size-6 shrink-0 place-items-center rounded-full ${signs[state]}`}>
      {state === 'now' ? (
        <Wheel />
      ) : state === 'next' ? null : (
        <svg
          viewBox="0 0 16 16"
          aria-hidden="true"
          className="size-3.5"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
        >
          <path
            d={state === 'done' ? 'm3 8.5 3.2 3L13 4.5' : 'm4.5 4.5 7 7m0-7-7 7'}
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
      )}
    </span>
  )
}
