import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
  useSearch,
} from '@tanstack/react-router'
import { useEffect } from 'react'
import { Frame } from './frame.js'
import { ButtonLink } from './kit/button.js'
import { Page } from './kit/page.js'
import { Empty, Failed } from './kit/state.js'
import { wantedIn } from './marketplace/search.js'
import { returnPath } from './return-to.js'
import { Signed, SignIn, useAccount } from './session.js'

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => (
    <Page title="This page stumbled">
      <Failed what="The page" error={error} onRetry={reset} />
    </Page>
  ),
})

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/dashboard', replace: true })
  },
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { return_to?: string } =>
    typeof search['return_to'] === 'string' ? { return_to: search['return_to'] } : {},
  component: SignInPage,
})

// Everything under here needs a session; its own address stays while the form is shown.
const signed = createRoute({
  getParentRoute: () => root,
  id: 'signed',
  component: () => (
    <Signed>
      <Outlet />
    </Signed>
  ),
})

const apps = createRoute({
  getParentRoute: () => signed,
  path: '/dashboard',
  component: lazyRouteComponent(() => import('./dashboard/apps.js'), 'Apps'),
})

const account = createRoute({
  getParentRoute: () => signed,
  path: '/dashboard/account',
  component: lazyRouteComponent(() => import('./dashboard/account.js'), 'AccountPage'),
})
const accountSettings = createRoute({
  getParentRoute: () => account,
  path: '/',
  component: lazyRouteComponent(() => import('./dashboard/account.js'), 'AccountSettings'),
})
const accountActivity = createRoute({
  getParentRoute: () => account,
  path: '/activity',
  component: lazyRouteComponent(() => import('./dashboard/account-activity.js'), 'AccountActivity'),
})

const teams = createRoute({
  getParentRoute: () => signed,
  path: '/dashboard/teams',
  component: lazyRouteComponent(() => import('./dashboard/teams/teams.js'), 'Teams'),
})
const team = createRoute({
  getParentRoute: () => signed,
  path: '/dashboard/teams/$team',
  component: lazyRouteComponent(() => import('./dashboard/teams/team.js'), 'TeamPage'),
})
const teamOverview = createRoute({
  getParentRoute: () => team,
  path: '/',
  component: lazyRouteComponent(() => import('./dashboard/teams/team.js'), 'TeamOverview'),
})
const teamActivity = createRoute({
  getParentRoute: () => team,
  path: '/activity',
  component: lazyRouteComponent(() => import('./dashboard/teams/team-activity.js'), 'TeamActivity'),
})

const app = createRoute({
  getParentRoute: () => signed,
  path: '/dashboard/apps/$app',
  component: lazyRouteComponent(() => import('./dashboard/app.js'), 'AppPage'),
})
const overview = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('./dashboard/overview.js'), 'Overview'),
})
const resources = createRoute({
  getParentRoute: () => app,
  path: '/resources',
  component: lazyRouteComponent(() => import('./dashboard/addons/resources.js'), 'Resources'),
})
const addon = createRoute({
  getParentRoute: () => app,
  path: '/resources/$addon',
  component: lazyRouteComponent(() => import('./dashboard/addons/addon-page.js'), 'AddonPage'),
})
const config = createRoute({
  getParentRoute: () => app,
  path: '/config-vars',
  component: lazyRouteComponent(() => import('./dashboard/config/config-vars.js'), 'ConfigVars'),
})
const releases = createRoute({
  getParentRoute: () => app,
  path: '/releases',
  component: lazyRouteComponent(() => import('./dashboard/releases/releases.js'), 'Releases'),
})
const deploys = createRoute({
  getParentRoute: () => app,
  path: '/deploys',
  component: lazyRouteComponent(() => import('./dashboard/deploys/deploys.js'), 'Deploys'),
})
const build = createRoute({
  getParentRoute: () => app,
  path: '/deploys/$build',
  component: lazyRouteComponent(() => import('./dashboard/deploys/build-page.js'), 'BuildPage'),
})
const dynos = createRoute({
  getParentRoute: () => app,
  path: '/dynos',
  component: lazyRouteComponent(() => import('./dashboard/runtime/dynos-page.js'), 'DynosPage'),
})
const logs = createRoute({
  getParentRoute: () => app,
  path: '/logs',
  validateSearch: (search): { dyno?: string; source?: string } => ({
    ...(typeof search['dyno'] === 'string' && search['dyno'] ? { dyno: search['dyno'] } : {}),
    ...(typeof search['source'] === 'string' && search['source'] ? { source: search['source'] } : {}),
  }),
  component: lazyRouteComponent(() => import('./dashboard/runtime/logs.js'), 'Logs'),
})
const webhooks = createRoute({
  getParentRoute: () => app,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./dashboard/webhooks/webhooks.js'), 'Webhooks'),
})
const access = createRoute({
  getParentRoute: () => app,
  path: '/access',
  component: lazyRouteComponent(() => import('./dashboard/access/access.js'), 'Access'),
})
const activity = createRoute({
  getParentRoute: () => app,
  path: '/activity',
  component: lazyRouteComponent(() => import('./dashboard/activity/activity.js'), 'ActivityPage'),
})
const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('./dashboard/settings/settings.js'), 'Settings'),
})

const operator = createRoute({
  getParentRoute: () => signed,
  path: '/operator',
  component: lazyRouteComponent(() => import('./operator/console.js'), 'Console'),
})
const operations = createRoute({
  getParentRoute: () => operator,
  path: '/',
  component: lazyRouteComponent(() => import('./operator/operations.js'), 'Operations'),
})
const operation = createRoute({
  getParentRoute: () => operator,
  path: '/operations/$operation',
  component: lazyRouteComponent(() => import('./operator/operation.js'), 'OperationPage'),
})
const ledger = createRoute({
  getParentRoute: () => operator,
  path: '/ledger',
  component: lazyRouteComponent(() => import('./operator/ledger.js'), 'Ledger'),
})
const providers = createRoute({
  getParentRoute: () => operator,
  path: '/providers',
  component: lazyRouteComponent(() => import('./operator/providers.js'), 'Providers'),
})
const users = createRoute({
  getParentRoute: () => operator,
  path: '/users',
  component: lazyRouteComponent(() => import('./operator/people/users.js'), 'Users'),
})
const user = createRoute({
  getParentRoute: () => operator,
  path: '/users/$account',
  component: lazyRouteComponent(() => import('./operator/people/user.js'), 'UserPage'),
})
const knownTeams = createRoute({
  getParentRoute: () => operator,
  path: '/teams',
  component: lazyRouteComponent(() => import('./operator/people/known-teams.js'), 'KnownTeams'),
})
const knownTeam = createRoute({
  getParentRoute: () => operator,
  path: '/teams/$account',
  component: lazyRouteComponent(() => import('./operator/people/known-team.js'), 'KnownTeamPage'),
})
const workers = createRoute({
  getParentRoute: () => operator,
  path: '/workers',
  component: lazyRouteComponent(() => import('./operator/workers.js'), 'Workers'),
})

const audit = createRoute({
  getParentRoute: () => operator,
  path: '/audit',
  validateSearch: (
    search,
  ): { who?: string; app?: string; kind?: string; action?: string; since?: string; until?: string } =>
    Object.fromEntries(
      ['who', 'app', 'kind', 'action', 'since', 'until'].flatMap((name) => {
        const value = search[name]
        return typeof value === 'string' && value ? [[name, value]] : []
      }),
    ),
  component: lazyRouteComponent(() => import('./operator/audit.js'), 'Audit'),
})

const portal = createRoute({
  getParentRoute: () => signed,
  path: '/portal',
  component: lazyRouteComponent(() => import('./portal/services.js'), 'Services'),
})
const portalService = createRoute({
  getParentRoute: () => signed,
  path: '/portal/$service',
  component: lazyRouteComponent(() => import('./portal/service.js'), 'ServiceFrame'),
})
const portalOverview = createRoute({
  getParentRoute: () => portalService,
  path: '/',
  component: lazyRouteComponent(() => import('./portal/overview.js'), 'PortalOverview'),
})
const portalPlans = createRoute({
  getParentRoute: () => portalService,
  path: '/plans',
  component: lazyRouteComponent(() => import('./portal/plans.js'), 'PortalPlans'),
})
const portalWebhooks = createRoute({
  getParentRoute: () => portalService,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./portal/webhooks.js'), 'Webhooks'),
})
const portalRequests = createRoute({
  getParentRoute: () => portalService,
  path: '/requests',
  component: lazyRouteComponent(() => import('./portal/requests.js'), 'Requests'),
})
const portalInstalls = createRoute({
  getParentRoute: () => portalService,
  path: '/installs',
  component: lazyRouteComponent(() => import('./portal/installs.js'), 'Installs'),
})
const portalManifests = createRoute({
  getParentRoute: () => portalService,
  path: '/manifests',
  component: lazyRouteComponent(() => import('./portal/manifests.js'), 'Manifests'),
})

const catalog = createRoute({
  getParentRoute: () => root,
  path: '/marketplace',
  validateSearch: wantedIn,
  component: lazyRouteComponent(() => import('./marketplace/catalog.js'), 'Catalog'),
})
const service = createRoute({
  getParentRoute: () => root,
  path: '/marketplace/$service',
  validateSearch: (search): { plan?: string } =>
    typeof search['plan'] === 'string' && search['plan'] ? { plan: search['plan'] } : {},
  component: lazyRouteComponent(() => import('./marketplace/service.js'), 'ServicePage'),
})

const install = createRoute({
  getParentRoute: () => signed,
  path: '/marketplace/$service/install',
  validateSearch: (search): { app?: string; new?: true; region?: string; plan?: string } => ({
    ...(typeof search['app'] === 'string' && search['app'] ? { app: search['app'] } : {}),
    ...(search['new'] === true ? { new: true } : {}),
    ...(typeof search['region'] === 'string' && search['region'] ? { region: search['region'] } : {}),
    ...(typeof search['plan'] === 'string' && search['plan'] ? { plan: search['plan'] } : {}),
  }),
  component: lazyRouteComponent(() => import('./marketplace/install-page.js'), 'InstallPage'),
})

const routeTree = root.addChildren([
  start,
  signIn,
  signed.addChildren([
    apps,
    account.addChildren([accountSettings, accountActivity]),
    teams,
    team.addChildren([teamOverview, teamActivity]),
    install,
    app.addChildren([
      overview,
      resources,
      addon,
      config,
      deploys,
      build,
      releases,
      dynos,
      logs,
      webhooks,
      access,
      activity,
      settings,
    ]),
    portal,
    portalService.addChildren([
      portalOverview,
      portalPlans,
      portalRequests,
      portalInstalls,
      portalWebhooks,
      portalManifests,
    ]),
    operator.addChildren([
      operations,
      operation,
      ledger,
      providers,
      users,
      user,
      knownTeams,
      knownTeam,
      workers,
      audit,
    ]),
  ]),
  catalog,
  service,
])

interface Surroundings {
  scrollRestoration?: boolean
  origin?: string
}

/** In the browser of its own address; where the server draws, of the address that was asked for. */
export const makeRouter = (history?: RouterHistory, surroundings: Surroundings = {}) =>
  createRouter({
    routeTree,
    defaultPreload: 'intent',
    // The first paint waits for nothing but the page's own code; data shows its own loading state.
    defaultPendingMs: 300,
    scrollRestoration: true,
    trailingSlash: 'never',
    ...(history ? { history } : {}),
    ...surroundings,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}

function SignInPage() {
  const { return_to } = useSearch({ from: '/sign-in' })
  const { data: account } = useAccount()
  const back = returnPath(return_to, window.location.origin)
  const isOurs = /^\/(marketplace|dashboard|operator|portal)(\/|\?|#|$)/.test(back)
  // Whoever is signed in already goes on at once, but only to pages of ours: one of the server's own may have sent
  // them here although they are, and would again.
  useEffect(() => {
    if (account && isOurs) window.location.replace(back)
  }, [account, isOurs, back])
  // A whole page load: the way back may be a page of the server's own, such as a hand-off to a provider.
  return <SignIn onDone={() => window.location.replace(back)} />
}

function NotFound() {
  return (
    <Page title="Nothing at this address">
      <Empty
        title="The page you asked for is not here"
        action={<ButtonLink to="/dashboard">Go to your apps</ButtonLink>}
      >
        It may have moved, or the address has a slip in it.
      </Empty>
    </Page>
  )
}
