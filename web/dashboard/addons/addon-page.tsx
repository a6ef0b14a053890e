import type { Addon } from '@mortise/contract/platform-api/addons'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { api, routes } from '../../api.js'
import { Back } from '../../kit/back.js'
import { Badge, Name } from '../../kit/badge.js'
import { ButtonLink } from '../../kit/button.js'
import { CopyLine } from '../../kit/copy.js'
import { Fact, Facts } from '../../kit/facts.js'
import { Loaded } from '../../kit/loaded.js'
import { card, Section } from '../../kit/page.js'
import { Empty } from '../../kit/state.js'
import { TimeAgo } from '../../kit/time-ago.js'
import { useSay } from '../../kit/toast.js'
import { priceLine } from '../../price.js'
import { operationsOfAddon } from '../operations.js'
import { shown } from '../progress.js'
import { Rename } from '../rename.js'
import { changed } from '../resources.js'
import { Progress } from '../under-way.js'
import { Credentials } from './credentials.js'
import { OpenAddon } from './open-addon.js'
import { addonOf } from './queries.js'
import { planOf, serviceOf, useServiceName } from './words.js'

/** One add-on in full: its name, what it is, each version of its values, and all that was asked of its provider. */
export function AddonPage() {
  const { app, addon: name } = useParams({ from: '/signed/dashboard/apps/$app/resources/$addon' })
  const read = useQuery(addonOf(app, name))
  return (
    <>
      <Back to="/dashboard/apps/$app/resources" params={{ app }}>
        Resources
      </Back>
      <Loaded
        read={read}
        what="The add-on"
        missing={(error) => (
          <Empty
            title="No such add-on"
            action={
              <ButtonLink to="/dashboard/apps/$app/resources" params={{ app }}>
                Go to the resources
              </ButtonLink>
            }
          >
            {error.message}
          </Empty>
        )}
      >
        {(addon) => (
          <>
            <Heading addon={addon} />
            <About key={addon.name} app={app} addon={addon} />
            <Credentials app={app} addon={addon} />
            <History app={app} addon={addon} />
          </>
        )}
      </Loaded>
    </>
  )
}

function Heading({ addon }: { addon: Addon }) {
  const humanName = useServiceName(addon)
  const state = shown(addon.state)
  return (
    <div className="mb-8 flex flex-wrap items-center gap-x-4 gap-y-3">
      <h2 className="font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">{addon.name}</h2>
      <Badge tone={state.tone} dot>
        {state.word}
      </Badge>
      <p className="text-muted">
        <Link
          to="/marketplace/$service"
          params={{ service: serviceOf(addon) }}
          className="rounded underline underline-offset-2"
        >
          {humanName}
        </Link>
      </p>
      <div className="sm:ml-auto">
        <OpenAddon addon={addon} />
      </div>
    </div>
  )
}

function About({ app, addon }: { app: string; addon: Addon }) {
  const say = useSay()
  const navigate = useNavigate()
  const canRename = addon.app.name === app && addon.state === 'provisioned'
  return (
    <Section title="About">
      <div className={card}>
        {canRename && (
          <Rename
            now={addon.name}
            hint="Its attachments keep their names, and so do the config vars."
            maxLength={100}
            rename={async (name) => {
              const renamed = await api.call(routes.addons.update, {
                params: { app, addon: addon.id },
                body: { name },
              })
              say(`${addon.name} is called ${renamed.name} now.`)
              await navigate({
                to: '/dashboard/apps/$app/resources/$addon',
                params: { app, addon: renamed.name },
                replace: true,
              })
              await changed(app)
            }}
          />
        )}
        <Facts className={canRename ? 'border-line border-t' : ''}>
          <Fact label="Plan">
            {planOf(addon)} · {priceLine(addon.billed_price)}
          </Fact>
          <Fact label="Billed to">
            <Link
              to="/dashboard/apps/$app/resources"
              params={{ app: addon.app.name }}
              className="underline underline-offset-2"
            >
              {addon.app.name}
            </Link>
          </Fact>
          {addon.config_vars.length > 0 && (
            <Fact label="Config vars">
              <span className="flex flex-wrap gap-1.5">
                {addon.config_vars.map((name) => (
                  <Name key={name}>{name}</Name>
                ))}
              </span>
            </Fact>
          )}
          {addon.provision_message && <Fact label="Its provider says">{addon.provision_message}</Fact>}
          <Fact label="Created">
            <TimeAgo at={addon.created_at} />
          </Fact>
          <Fact label="Id">
            <CopyLine text={addon.id} />
          </Fact>
        </Facts>
      </div>
    </Section>
  )
}

/** Every story of it, the newest first: what was asked, what its provider answered, what came of it. */
function History({ app, addon }: { app: string; addon: Addon }) {
  const read = useQuery(operationsOfAddon(app, addon.id))
  return (
    <Section title="What happened" count={read.data?.length}>
      <Loaded
        read={read}
        what="Its history"
        rows={2}
        empty={<Empty title="Nothing is on record">What is asked of its provider is told here, step by step.</Empty>}
      >
        {(data) => (
          <div className="grid gap-4">
            {[...data]
              .sort((a, b) => b.created_at.localeCompare(a.created_at))
              .map((operation) => (
                <Progress key={operation.id} operation={operation} />
              ))}
          </div>
        )}
      </Loaded>
    </Section>
  )
}
