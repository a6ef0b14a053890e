import { plans, sizeText } from './plans.js'

export const slug = 'mortise-postgresql'

/**
 * The manifest as it is pushed.
 * @param url where the platform and people's browsers reach this provider
 */
export function buildManifest({ password, ssoSalt, url }: { password: string; ssoSalt: string; url: string }) {
  return {
    id: slug,
    name: 'Mortise PostgreSQL',
    description: 'A PostgreSQL database of your own on a shared server: one role, one database, nobody else in it.',
    categories: ['Data Stores'],
    api: {
      version: '3',
      password,
      sso_salt: ssoSalt,
      sso: 'user_scoped',
      config_vars: ['DATABASE_URL'],
      config_vars_prefix: 'DATABASE',
      regions: ['*'],
      requires: ['attachable', 'many_per_app'],
      lists_resources: true,
      production: { base_url: `${url}/heroku/resources`, sso_url: `${url}/heroku/sso` },
    },
    plans: plans.map((plan, index) => ({
      name: plan.name,
      human_name: plan.human_name,
      description: plan.description,
      price: { cents: plan.cents, unit: 'month' },
      default: index === 0,
      features: [`${sizeText(plan.sizeBytesMax)} of storage`, `${plan.connectionsMax} connections`, 'PostgreSQL 18'],
    })),
  }
}
