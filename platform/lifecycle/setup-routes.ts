import { invalid, notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import type { AppSetup } from '@mortise/contract/platform-api/app-setups'
import { routes } from '@mortise/contract/platform-api/routes'
import { identityOf, timestamp } from '@mortise/contract/platform-api/shared'
import { isAdmin } from '../accounts/permit.js'
import { regionNamed, stackNamed } from '../apps/place.js'
import type { AppAddresses } from '../apps/view.js'
import { checkChecksum, chooseSource } from '../builds/choose-source.js'
import { findBuild } from '../builds/store.js'
import { buildView } from '../builds/view.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import { findOperation } from '../saga/store.js'
import { guardTeam } from '../teams/guard.js'
import type { LifecycleDeps } from './deps.js'
import { appJsonOf, beginSetup, postdeployOutput, type SetupOperation, type SetupOrder } from './setup-app.js'
import type { Stories } from './stories.js'

type Deps = LifecycleDeps & { addresses: AppAddresses }

/** Apps made from an archive, with what its app.json asks for. */
export function setupRoutes(deps: Deps, stories: Pick<Stories, 'setupApp'>): Handler[] {
  return [
    handle(routes.appSetups.create, async (context) => {
      const operation = await begin(deps, stories, context)
      // Nobody waits for it: clients look at the setup until it is over.
      void deps.engine().drive(operation)
      return view(deps, operation, context.origin)
    }),

    handle(routes.appSetups.info, async (context) => {
      const { setup } = context.params
      const operation = isUuid(setup) ? await findOperation(deps.db, setup.toLowerCase()) : undefined
      // Whoever ordered it: what its command printed is for nobody else.
      if (operation?.saga !== stories.setupApp.name || operation.actor.id !== context.actor.id)
        throw notFound('app_setup', 'Only whoever began it sees it, as long as the platform keeps what has ended.')
      return view(deps, operation as SetupOperation, context.origin)
    }),
  ]
}

async function begin(
  deps: Deps,
  stories: Pick<Stories, 'setupApp'>,
  context: Context<typeof routes.appSetups.create>,
): Promise<SetupOperation> {
  const { body, actor } = context
  const { app: wanted = {}, source_blob: blob, overrides = {} } = body
  if (wanted.space) throw invalid('There are no private spaces here. Leave "space" out.')
  checkChecksum(blob.checksum)
  const team = wanted.team ?? wanted.organization
  const inTeam = team ? await guardTeam(deps.db, context.asker, identityOf(team), 'create') : null
  const source = await chooseSource(deps, blob.url, context.origin)
  const order: SetupOrder = {
    url: blob.url,
    source,
    checksum: blob.checksum ?? null,
    version: blob.version ?? null,
    overrides: { env: overrides.env ?? {}, buildpacks: overrides.buildpacks?.map(({ url }) => url) ?? null },
  }
  return beginSetup(deps, stories.setupApp, order, {
    name: wanted.name ?? null,
    kind: 'hosted' as const,
    actor,
    region: regionNamed(wanted.region ? identityOf(wanted.region) : null),
    stack: stackNamed(wanted.stack ? identityOf(wanted.stack) : null),
    ...(inTeam
      ? {
          owner: {
            id: inTeam.team.accountId,
            creatorWorksOnIt: !isAdmin(inTeam.role),
            locked: wanted.locked === true,
          },
        }
      : {}),
  })
}

async function view(deps: Deps, operation: SetupOperation, origin: string): Promise<AppSetup> {
  const { id, params, found, state, reason, createdAt, endedAt } = operation
  const build = found.build ? await findBuild(deps.db, found.build.buildId) : undefined
  const read = found['read app.json']
  const { postdeploy } = found
  const isOver = state === 'done' || state === 'unwound'
  const seen = build && buildView(build, deps.secrets, origin)
  return {
    app: { id: params.appId, name: params.appName },
    build: seen ? { id: seen.id, output_stream_url: seen.output_stream_url, status: seen.status } : null,
    created_at: timestamp(createdAt),
    failure_message: isOver && state === 'unwound' ? reason : null,
    id,
    manifest_errors: read && 'errors' in read ? read.errors : [],
    postdeploy: postdeploy ? { exit_code: postdeploy.code, output: postdeployOutput(deps, operation) } : null,
    resolved_success_url: state === 'done' ? successUrl(deps, operation) : null,
    status: state === 'done' ? 'succeeded' : isOver ? 'failed' : 'pending',
    updated_at: timestamp(endedAt ?? createdAt),
  }
}

/** Where people go when it is done: a path is one of the app's own. */
function successUrl(deps: Deps, operation: SetupOperation): string | null {
  const { successUrl: given } = appJsonOf(deps, operation)
  const own = deps.addresses.webUrl(operation.params.appName)
  if (given === null || !URL.canParse(given, own)) return own
  const to = new URL(given, own)
  return ['http:', 'https:'].includes(to.protocol) ? to.href : own
}
