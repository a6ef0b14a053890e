import type { Addon, Attachment } from '@mortise/contract/platform-api/addons'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { Button } from '../../kit/button.js'
import { Loaded } from '../../kit/loaded.js'
import { Section } from '../../kit/page.js'
import { Empty } from '../../kit/state.js'
import { Install } from '../../marketplace/install.js'
import { money } from '../../price.js'
import { type Moving, moving } from '../resources.js'
import { UnderWay } from '../under-way.js'
import { useGone } from '../use-gone.js'
import { AddonCard } from './addon-card.js'

// These come when they are asked for: most visits to the page only look.
const AttachAddon = lazy(() => import('./attach-addon.js').then((module) => ({ default: module.AttachAddon })))
const Detach = lazy(() => import('./detach.js').then((module) => ({ default: module.Detach })))
const RemoveAddon = lazy(() => import('./remove-addon.js').then((module) => ({ default: module.RemoveAddon })))
const ChangePlan = lazy(() => import('./change-plan.js').then((module) => ({ default: module.ChangePlan })))

/** What is being asked about one add-on, in a dialog. */
type Asked =
  | { verb: 'add' | 'attach here' }
  | { verb: 'change plan' | 'attach' | 'remove'; addon: Addon }
  | { verb: 'detach'; addon: Addon; attachment: Attachment }

/** The add-ons of an app and those lent to it: state, plan, price, where they are attached, and all that can be done. */
export function Resources() {
  const { app } = useParams({ from: '/signed/dashboard/apps/$app/resources' })
  const read = useQuery(moving(app))
  useGone(read.data?.addons)
  return (
    <Loaded read={read} what="The app’s resources" rows={3} height="h-44">
      {(data) => <Lists app={app} data={data} />}
    </Loaded>
  )
}

function Lists({ app, data }: { app: string; data: Moving }) {
  const [asked, setAsked] = useState<Asked | null>(null)
  const own = data.addons.filter((addon) => addon.app.name === app)
  const lent = data.addons.filter((addon) => addon.app.name !== app)
  const close = () => setAsked(null)
  const list = (addons: Addon[]) => (
    <ul className="grid gap-5">
      {addons.map((addon) => (
        <AddonCard
          key={addon.id}
          app={app}
          addon={addon}
          attachments={data.attachments.filter((attachment) => attachment.addon.id === addon.id)}
          onChangePlan={() => setAsked({ verb: 'change plan', addon })}
          onAttach={() => setAsked({ verb: 'attach', addon })}
          onDetach={(attachment) => setAsked({ verb: 'detach', addon, attachment })}
          onRemove={() => setAsked({ verb: 'remove', addon })}
        />
      ))}
    </ul>
  )
  const attachHere = (
    <Button size="small" onClick={() => setAsked({ verb: 'attach here' })}>
      Attach one of another app
    </Button>
  )
  const add = (
    <Button look="primary" size={own.length ? 'small' : 'normal'} onClick={() => setAsked({ verb: 'add' })}>
      Add an add-on
    </Button>
  )
  return (
    <>
      <UnderWay app={app} />
      <Section
        title="Add-ons"
        count={own.length}
        action={
          <div className="flex flex-wrap gap-2">
            {attachHere}
            {own.length > 0 && add}
          </div>
        }
      >
        {own.length === 0 ? (
          <Empty title="No add-ons of its own yet" action={add}>
            A database, a cache, a mail service: pick one, and its config vars are in your app with the next release.
          </Empty>
        ) : (
          <>
            {list(own)}
            <p className="mt-4 text-right text-muted text-sm">{total(own)}</p>
          </>
        )}
      </Section>
      {lent.length > 0 && (
        <Section title="From other apps" count={lent.length}>
          {list(lent)}
        </Section>
      )}
      {asked?.verb === 'add' && <Install app={app} onClose={close} />}
      <Suspense>
        {asked?.verb === 'attach here' && <AttachAddon app={app} onClose={close} />}
        {asked?.verb === 'attach' && <AttachAddon addon={asked.addon} from={app} onClose={close} />}
        {asked?.verb === 'change plan' && <ChangePlan app={app} addon={asked.addon} onClose={close} />}
        {asked?.verb === 'detach' && <Detach app={app} attachment={asked.attachment} onClose={close} />}
        {asked?.verb === 'remove' && <RemoveAddon app={app} addon={asked.addon} onClose={close} />}
      </Suspense>
    </>
  )
}

/** What all of them cost; a price without a number is named beside it. */
function total(addons: readonly Addon[]): string {
  const isCounted = ({ billed_price: price }: Addon) => !price.contract && !price.metered && price.unit === 'month'
  const cents = addons.filter(isCounted).reduce((sum, addon) => sum + addon.billed_price.cents, 0)
  const others = addons.filter((addon) => !isCounted(addon)).length
  const beside = others > 0 ? `, and ${others} by use or by contract` : ''
  return `Together ${cents === 0 ? 'free' : `${money(cents)} a month at most`}${beside}`
}
