import type { Manifest } from '@mortise/contract/manifest/read'

/** A manifest as it is kept and passed around: password and salt are sealed apart, see `manifestSecrets`. */
export type PublicManifest = Omit<Manifest, 'api'> & { api: Omit<Manifest['api'], 'password' | 'sso_salt'> }

/** What a provider offers. */
export interface Service {
  id: string
  /** The slug, such as `mortise-postgresql`. */
  name: string
  humanName: string
  state: 'alpha' | 'beta' | 'ga' | 'shutdown'
  protocol: 'heroku-v1' | 'heroku-v3'
  ownerId: string
  /** The version of the manifest that is in force. */
  manifestId: string
  manifest: PublicManifest
  /** Null only before a client secret was ever made. */
  clientSecretHash: Buffer | null
  createdAt: Date
  updatedAt: Date
}

/** One of the things that a service sells. */
export interface Plan {
  id: string
  serviceId: string
  serviceName: string
  /** `mini` */
  name: string
  /** `mortise-postgresql:mini` */
  fullName: string
  humanName: string
  description: string
  features: string[]
  /** Where it is sold; null: wherever its service is. */
  regions: string[] | null
  isDefault: boolean
  state: string
  visible: boolean
  /** What a new add-on pays; an add-on keeps the price that it was ordered at. */
  priceId: string
  cents: number
  unit: string
  contract: boolean
  metered: boolean
  createdAt: Date
  updatedAt: Date
  /** Deleted plans stay for those who have them. */
  deletedAt: Date | null
}

declare module '../http/handle.js' {
  interface Subjects {
    service?: Service
  }
}
