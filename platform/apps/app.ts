/** One app of a customer. */
export interface App {
  id: string
  name: string
  /** Never changes and is never used again: app<N>@heroku.com. */
  number: number
  ownerId: string
  /** A team's is at a domain of its own: see accounts/account.ts. */
  ownerEmail: string
  /** The team that owns it, if one does. */
  teamId: string | null
  teamName: string | null
  /** Of a team's app: only admins and collaborators see it. */
  locked: boolean
  region: string
  stack: string
  kind: 'hosted' | 'external'
  /** destroying: gone for the customer, still being taken apart. */
  state: 'live' | 'destroying' | 'destroyed'
  maintenance: boolean
  afterConfig: 'rebuild' | 'restart'
  snapshotId: string | null
  /** The newest slug that was built for it; null until the first deploy. */
  slugId: string | null
  slugBytes: number | null
  /** What the newest slug was built with. */
  buildpack: string | null
  lastVersion: number
  /** Of an external app: the newest release whose config it said to run with. */
  acknowledgedVersion: number | null
  createdAt: Date
  updatedAt: Date
  releasedAt: Date | null
}

declare module '../http/handle.js' {
  interface Subjects {
    app?: App
  }
}
