/**
 * Every page, by the id of its route: where it is seen, what the pages around it ask the server for, and what stands on it once
 * all is read. A route without an entry fails `states.test.ts`.
 */
export interface PageSeen {
  /** Where it is, in the world of that test. `BUILD` and `OPERATION` are ids that only that world knows. */
  at: string
  /** What is asked for by the frame around it, and answered: each path once. */
  around: string[]
  /** Stands there once everything was read. */
  shows: string
  /** Drawn by the server when it is asked for by its address, so that it is reached from another page. */
  isDrawn?: true
  empty: Empty | { never: string }
}

interface Empty {
  says: string
  /** Where that is so; the same address without it. */
  at?: string
  /** While the platform has nothing in it but its operator. */
  isNew?: true
  who?: 'guest' | 'nobody'
  /** Typed into the field of this label. */
  typed?: [label: string, text: string]
}

/** Why a route reads nothing, and so has no states; with the page that stands there, if any does. */
export interface PageWithoutReads {
  reads: string
  at?: string
  says?: string
  who?: 'nobody'
}

const account = ['/account']
const shop = ['/account', '/apps/shop']
const till = ['/account', '/apps/till']
const crew = ['/account', '/teams/crew']
const console = ['/account', '/workers']
const portal = ['/account', '/api/v3/addons']
const unknown = '00000000-0000-4000-8000-000000000000'

export const pages: Record<string, PageSeen | PageWithoutReads> = {
  __root__: {
    reads: 'it is the frame around all',
    at: '/dashboard/nowhere/at/all',
    says: 'The page you asked for is not here',
  },
  '/': { reads: 'it leads on to the apps' },
  '/sign-in': { reads: 'it is a form', at: '/sign-in', says: 'Sign in to Mortise', who: 'nobody' },
  '/signed': {
    at: '/dashboard',
    around: [],
    shows: 'shop',
    empty: { says: 'You come straight back to where you were.', who: 'nobody' },
  },
  '/signed/dashboard': {
    at: '/dashboard',
    around: account,
    shows: 'shop',
    empty: { says: 'No apps yet', isNew: true },
  },
  '/signed/dashboard/account': { reads: 'it is the tabs above its parts' },
  '/signed/dashboard/account/': {
    at: '/dashboard/account',
    around: account,
    shows: 'Browser',
    empty: { never: 'whoever looks is signed in' },
  },
  '/signed/dashboard/account/activity': {
    at: '/dashboard/account/activity',
    around: account,
    shows: 'operator@example.com',
    empty: { says: 'Nothing matches', typed: ['By whom', 'nobody@example.com'] },
  },
  '/signed/dashboard/teams': {
    at: '/dashboard/teams',
    around: account,
    shows: 'crew',
    empty: { says: 'You are in no team yet', isNew: true },
  },
  '/signed/dashboard/teams/$team': {
    at: '/dashboard/teams/crew',
    around: account,
    shows: 'You are admin of this team.',
    empty: { says: 'No such team', at: '/dashboard/teams/nowhere' },
  },
  '/signed/dashboard/teams/$team/': {
    at: '/dashboard/teams/crew',
    around: crew,
    shows: 'The team has no app yet',
    empty: { says: 'The team has no app yet' },
  },
  '/signed/dashboard/teams/$team/activity': {
    at: '/dashboard/teams/crew/activity',
    around: crew,
    shows: 'operator@example.com',
    empty: { says: 'Nothing matches', typed: ['By whom', 'nobody@example.com'] },
  },
  '/signed/marketplace/$service/install': {
    at: '/marketplace/slow-db/install',
    around: account,
    shows: 'Attached as',
    empty: { says: 'No such service', at: '/marketplace/nowhere/install' },
  },
  '/signed/dashboard/apps/$app': {
    at: '/dashboard/apps/shop',
    around: account,
    shows: 'Overview',
    empty: { says: 'No such app', at: '/dashboard/apps/nowhere' },
  },
  '/signed/dashboard/apps/$app/': {
    at: '/dashboard/apps/shop',
    around: shop,
    shows: 'No add-ons yet',
    empty: { says: 'No add-ons yet' },
  },
  '/signed/dashboard/apps/$app/resources': {
    at: '/dashboard/apps/shop/resources',
    around: shop,
    shows: 'No add-ons of its own yet',
    empty: { says: 'No add-ons of its own yet' },
  },
  '/signed/dashboard/apps/$app/resources/$addon': {
    at: '/dashboard/apps/till/resources/till-db',
    around: till,
    shows: 'In force',
    empty: { says: 'No such add-on', at: '/dashboard/apps/till/resources/nowhere' },
  },
  '/signed/dashboard/apps/$app/config-vars': {
    at: '/dashboard/apps/shop/config-vars',
    around: shop,
    shows: 'None of your own yet',
    empty: { says: 'None of your own yet' },
  },
  '/signed/dashboard/apps/$app/deploys': {
    at: '/dashboard/apps/shop/deploys',
    around: shop,
    shows: 'Nothing is deployed yet',
    empty: { says: 'Nothing is deployed yet' },
  },
  '/signed/dashboard/apps/$app/deploys/$build': {
    at: '/dashboard/apps/till/deploys/BUILD',
    around: till,
    shows: 'Output',
    empty: { says: 'No such build', at: `/dashboard/apps/till/deploys/${unknown}` },
  },
  '/signed/dashboard/apps/$app/releases': {
    at: '/dashboard/apps/shop/releases',
    around: shop,
    shows: 'Initial release',
    empty: { never: 'an app is made with its first release' },
  },
  '/signed/dashboard/apps/$app/dynos': {
    at: '/dashboard/apps/shop/dynos',
    around: shop,
    shows: 'Nothing to run yet',
    empty: { says: 'Nothing to run yet' },
  },
  '/signed/dashboard/apps/$app/logs': {
    at: '/dashboard/apps/shop/logs',
    around: shop,
    shows: 'Live',
    empty: { says: 'Live', at: '/dashboard/apps/shop/logs?dyno=nothing.1' },
  },
  '/signed/dashboard/apps/$app/webhooks': {
    at: '/dashboard/apps/shop/webhooks',
    around: shop,
    shows: 'No webhooks yet',
    empty: { says: 'No webhooks yet' },
  },
  '/signed/dashboard/apps/$app/access': {
    at: '/dashboard/apps/shop/access',
    around: shop,
    shows: 'Owns the app',
    empty: { never: 'an app has an owner' },
  },
  '/signed/dashboard/apps/$app/activity': {
    at: '/dashboard/apps/shop/activity',
    around: shop,
    shows: 'operator@example.com',
    empty: { says: 'Nothing matches', typed: ['By whom', 'nobody@example.com'] },
  },
  '/signed/dashboard/apps/$app/settings': {
    at: '/dashboard/apps/shop/settings',
    around: shop,
    shows: 'Log lines go nowhere else.',
    empty: { says: 'Log lines go nowhere else.' },
  },
  '/signed/portal': {
    at: '/portal',
    around: account,
    shows: 'slow-db',
    empty: { says: 'You offer no service yet', isNew: true },
  },
  '/signed/portal/$service': {
    at: '/portal/slow-db/installs',
    around: account,
    shows: 'In the marketplace',
    empty: { says: 'No such service of yours', at: '/portal/nowhere' },
  },
  '/signed/portal/$service/': {
    at: '/portal/slow-db',
    around: portal,
    shows: 'It was not inspected yet',
    empty: { says: 'It was not inspected yet' },
  },
  '/signed/portal/$service/plans': {
    at: '/portal/slow-db/plans',
    around: portal,
    shows: 'Nobody has a pass',
    empty: { says: 'Nobody has a pass' },
  },
  '/signed/portal/$service/requests': {
    at: '/portal/slow-db/requests',
    around: portal,
    shows: 'Nothing was asked yet',
    empty: { says: 'Nothing was asked yet' },
  },
  '/signed/portal/$service/installs': {
    at: '/portal/slow-db/installs',
    around: portal,
    shows: 'Nobody has it yet',
    empty: { says: 'Nobody has it yet' },
  },
  '/signed/portal/$service/webhooks': {
    at: '/portal/slow-db/webhooks',
    around: portal,
    shows: 'Nothing was sent yet',
    empty: { says: 'You made no webhooks' },
  },
  '/signed/portal/$service/manifests': {
    at: '/portal/slow-db/manifests',
    around: portal,
    shows: 'In force',
    empty: { never: 'its first manifest makes a service' },
  },
  '/signed/operator': {
    at: '/operator/workers',
    around: account,
    shows: 'Alive',
    empty: { says: 'This is for the operator', who: 'guest' },
  },
  '/signed/operator/': {
    at: '/operator',
    around: console,
    shows: 'All is well. Nothing needs you.',
    empty: { says: 'Nothing is stuck', isNew: true },
  },
  '/signed/operator/operations/$operation': {
    at: '/operator/operations/OPERATION',
    around: console,
    shows: 'Asked for by',
    empty: { says: 'No such operation', at: `/operator/operations/${unknown}` },
  },
  '/signed/operator/ledger': {
    at: '/operator/ledger',
    around: console,
    shows: 'till-db',
    empty: { says: 'Nothing is out there', isNew: true },
  },
  '/signed/operator/providers': {
    at: '/operator/providers',
    around: console,
    shows: 'Answers within',
    empty: { says: 'There are no add-on services yet', isNew: true },
  },
  '/signed/operator/users': {
    at: '/operator/users',
    around: console,
    shows: 'operator@example.com',
    empty: { says: 'Nobody is like that', typed: ['Search', 'nobody-like-that'] },
  },
  '/signed/operator/users/$account': {
    at: '/operator/users/operator@example.com',
    around: console,
    shows: 'Browsers signed in',
    empty: { says: 'There is no such account', at: '/operator/users/nobody@example.com' },
  },
  '/signed/operator/teams': {
    at: '/operator/teams',
    around: console,
    shows: 'crew',
    empty: { says: 'There is no team yet', isNew: true },
  },
  '/signed/operator/teams/$account': {
    at: '/operator/teams/crew',
    around: console,
    shows: 'All: its admins named none.',
    empty: { says: 'There is no such account', at: '/operator/teams/nowhere' },
  },
  '/signed/operator/workers': {
    at: '/operator/workers',
    around: console,
    shows: 'Alive',
    empty: { never: 'the process that answers is one' },
  },
  '/signed/operator/audit': {
    at: '/operator/audit',
    around: console,
    shows: 'operator@example.com',
    empty: { says: 'Nothing was done that matches', at: '/operator/audit?app=nowhere' },
  },
  '/marketplace': {
    at: '/marketplace',
    around: account,
    shows: 'The slow-db',
    isDrawn: true,
    empty: { says: 'No services yet', isNew: true },
  },
  '/marketplace/$service': {
    at: '/marketplace/slow-db',
    around: account,
    shows: 'About this service',
    isDrawn: true,
    empty: { says: 'No such service', at: '/marketplace/nowhere' },
  },
}
