export const slug = 'mortise-exceptions'

/** How many reports an account keeps, and how many it may send in an hour. */
export const plans = [
  { name: 'test', human_name: 'Test', cents: 0, keptMax: 100, hourlyMax: 1_000 },
  { name: 'team', human_name: 'Team', cents: 700, keptMax: 5_000, hourlyMax: 20_000 },
] as const
export const planNamed = (name: string) => plans.find((plan) => plan.name === name) ?? plans[0]

/** The manifest as it is pushed. @param url where the platform, apps and people's browsers reach this provider */
export function buildManifest({ password, ssoSalt }: { password: string; ssoSalt: string }, url: string) {
  return {
    id: slug,
    name: 'Mortise Exceptions',
    description: 'Send what your app did not expect with one POST, and read it on a page.',
    categories: ['Errors and Exceptions'],
    api: {
      version: '3',
      password,
      sso_salt: ssoSalt,
      sso: 'user_scoped',
      config_vars: ['EXCEPTIONS_URL', 'EXCEPTIONS_API_KEY'],
      config_vars_prefix: 'EXCEPTIONS',
      regions: ['*'],
      requires: ['attachable', 'many_per_app'],
      lists_resources: true,
      production: { base_url: `${url}/heroku/resources`, sso_url: `${url}/heroku/sso` },
    },
    plans: plans.map(({ name, human_name, cents, keptMax, hourlyMax }, index) => ({
      name,
      human_name,
      description: `Keeps the newest ${keptMax.toLocaleString('en-US')} exceptions.`,
      price: { cents, unit: 'month' },
      default: index === 0,
      features: [`${keptMax.toLocaleString('en-US')} kept`, `${hourlyMax.toLocaleString('en-US')} an hour`],
    })),
  }
}
