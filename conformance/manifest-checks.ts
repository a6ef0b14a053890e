import { isConfigName, isReservedConfigName } from '@mortise/contract/manifest/config-limits'
import { type Fields, isFields, textOf } from '@mortise/contract/manifest/fields'
import { configPrefix, knownRegions, requirements } from '@mortise/contract/manifest/manifest'
import { checkForPush, readManifest } from '@mortise/contract/manifest/read'
import { fail, pass, type Status, warn } from './check.js'
import { isLoopback } from './send.js'

/** A check that reads the file and asks nobody. */
export interface ManifestCheck {
  id: string
  title: string
  rule: string
  source: string
  advice: string
  /** What is wrong: nothing, one sentence, or one with a milder judgement. */
  judge(raw: Fields, api: Fields): string | null | { status: 'warn' | 'skip'; reason: string }
  /** The part of the file that was looked at. */
  at: string
}

// As the platform reads it: a manifest without the field is one of before 2018.
const isV1 = (api: Fields) => ['1', '2'].includes(String(api.version ?? '1'))
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const milder = (reason: string) => ({ status: 'warn' as const, reason })
const skipped = (reason: string) => ({ status: 'skip' as const, reason })

const kensaRegions = ['us', 'eu', 'frankfurt', 'oregon', 'tokyo', 'virginia', '*']

function urlsOf(production: unknown): string[] {
  const urls = isFields(production) ? [production.base_url, production.sso_url] : [production]
  return urls.map(textOf).filter((url) => url !== undefined)
}

export const manifestChecks: readonly ManifestCheck[] = [
  {
    id: 'manifest.id',
    title: 'the id is there, and is text',
    rule: '"id" is what customers type and the user of Basic auth: text, not blank, not a number.',
    source: 'kensa, manifest id key',
    advice: 'Write "id": "fast-db".',
    at: 'id',
    judge({ id }) {
      if (id === undefined) return 'There is no "id".'
      if (typeof id !== 'string') return '"id" is not text.'
      if (id.trim() === '') return '"id" is blank.'
      return /^\d+$/.test(id) ? '"id" is a number.' : null
    },
  },
  {
    id: 'manifest.api',
    title: 'the api is there, and is an object',
    rule: '"api" holds the password, the config vars and the addresses.',
    source: 'kensa, manifest api key',
    advice: 'Write "api": {"config_vars": […], "password": …, "production": {…}}.',
    at: 'api',
    judge: ({ api }) => (isFields(api) ? null : 'There is no "api" that is an object.'),
  },
  {
    id: 'manifest.version',
    title: 'the version of the wire is known',
    rule: '"api.version" is "1" or "3"; without it "1" is spoken, as before 2018: the path has your own id, not the uuid.',
    source: 'heroku/heroku-cli-addons-admin 4.0.1; Mortise, decisions/manifest-version.md',
    advice: 'Write "version": "3" into api; "1" only for a provider that looks resources up by an id of its own.',
    at: 'api.version',
    judge(_, { version }) {
      if (version === undefined || version === null) {
        return milder(
          'There is no "api.version"; "1" is spoken: PUT and DELETE name a resource by the id in your answer.',
        )
      }
      return ['1', '2', '3'].includes(String(version)) ? null : '"api.version" is neither "1" nor "3".'
    },
  },
  {
    id: 'manifest.regions',
    title: 'the regions are a list',
    rule: '"api.regions" is a list with at least one region.',
    source: 'kensa, has a list of regions',
    advice: 'Write "regions": ["*"] for every region.',
    at: 'api.regions',
    judge: (_, { regions }) => (Array.isArray(regions) && regions.length ? null : 'There is no list of regions.'),
  },
  {
    id: 'manifest.region-us',
    title: 'the regions contain us or *',
    rule: 'A service is offered in us, or everywhere. Heroku has relaxed it since.',
    source: 'kensa, contains at least the US region',
    advice: 'Add "us", or write ["*"].',
    at: 'api.regions',
    judge(_, api) {
      if (!Array.isArray(api.regions)) return skipped('there is no list of regions')
      if (api.regions.some((each) => each === 'us' || each === '*')) return null
      return isV1(api) ? 'There is neither "us" nor "*".' : milder('There is neither "us" nor "*".')
    },
  },
  {
    id: 'manifest.region-names',
    title: 'all regions are known',
    rule: `Regions are ${kensaRegions.join(', ')}; installations may add their own.`,
    source: 'kensa, contains only valid region names',
    advice: 'Correct the name of the region.',
    at: 'api.regions',
    judge(_, { regions }) {
      const known: readonly unknown[] = [...kensaRegions, ...knownRegions]
      const unknown = list(regions).filter((each) => !known.includes(each))
      return unknown.length ? `Not known: ${JSON.stringify(unknown).slice(0, 80)}.` : null
    },
  },
  {
    id: 'manifest.password',
    title: 'the password is there',
    rule: '"api.password" signs every call to the provider.',
    source: 'kensa, contains password',
    advice: 'Write 32 random characters, and keep them out of your repository.',
    at: 'api.password',
    judge: (_, { password }) => (textOf(password) ? null : 'There is no "api.password".'),
  },
  {
    id: 'manifest.salt',
    title: 'the salt of single sign-on is there, and is another secret',
    rule: '"api.sso_salt" signs sign-on forms; it differs from the password.',
    source: 'Dev Center, Add-on Manifest (2014); gap of kensa',
    advice: 'Write 32 other random characters.',
    at: 'api.sso_salt',
    judge(_, api) {
      const hasSignOn =
        typeof api.production === 'string' || (isFields(api.production) && textOf(api.production.sso_url))
      if (!hasSignOn) return skipped('the manifest has no sso_url')
      if (!textOf(api.sso_salt)) return 'There is no "api.sso_salt", and nobody can sign on.'
      return api.sso_salt === api.password ? milder('It is the same as the password.') : null
    },
  },
  {
    id: 'manifest.test',
    title: 'the test addresses are there',
    rule: '"api.test" is where the service runs on your machine. v3 left it out of its documentation.',
    source: 'kensa, contains test url',
    advice:
      'Write "test": {"base_url": "http://localhost:4567/heroku/resources", "sso_url": "http://localhost:4567/sso"}.',
    at: 'api.test',
    judge(_, api) {
      if (api.test !== undefined) return null
      return isV1(api) ? 'There is no "api.test".' : skipped('v3 does not ask for it; api.production is inspected')
    },
  },
  {
    id: 'manifest.production',
    title: 'the production addresses are there',
    rule: '"api.production" is where the platform reaches the service.',
    source: 'kensa, contains production url',
    advice: 'Write "production": {"base_url": "https://…/heroku/resources", "sso_url": "https://…/heroku/sso"}.',
    at: 'api.production',
    judge: (_, { production }) => (urlsOf(production).length ? null : 'There is no "api.production".'),
  },
  {
    id: 'manifest.https',
    title: 'the production addresses use https',
    rule: "Passwords and customers' values go over the wire: base_url and sso_url begin with https://.",
    source: 'kensa, production url uses SSL',
    advice: 'Use https with a valid certificate.',
    at: 'api.production',
    judge(_, { production }) {
      const plain = urlsOf(production).filter((url) => !/^https:/i.test(url))
      const elsewhere = plain.filter((url) => !URL.canParse(url) || !isLoopback(new URL(url).hostname))
      if (elsewhere.length) return `Not https: ${elsewhere.join(', ')}.`
      return plain.length ? milder('Plain http is for a platform on this machine only.') : null
    },
  },
  {
    id: 'manifest.config-vars',
    title: 'the config vars are a list',
    rule: '"api.config_vars" lists every name that the service may set.',
    source: 'kensa, contains config_vars array',
    advice: 'Write "config_vars": ["FAST_DB_URL"].',
    at: 'api.config_vars',
    judge(_, { config_vars }) {
      if (config_vars === undefined) return milder('There is no list: the service can set nothing.')
      return Array.isArray(config_vars) ? null : '"api.config_vars" is not a list.'
    },
  },
  {
    id: 'manifest.config-names',
    title: 'all config vars are names in capitals',
    rule: 'Capital letters, digits and underscores; nothing that steers programs, such as LD_PRELOAD.',
    source: 'kensa, all config vars are uppercase strings; Mortise, reserved config vars',
    advice: 'Write names such as FAST_DB_URL.',
    at: 'api.config_vars',
    judge(_, { config_vars }) {
      const bad = list(config_vars).find((name) => typeof name !== 'string' || !isConfigName(name))
      if (bad !== undefined) return `${JSON.stringify(bad).slice(0, 60)} is not a valid name.`
      const reserved = list(config_vars).find((name) => isReservedConfigName(String(name)))
      return reserved ? `${reserved} is reserved: it would steer programs in the customer's dynos.` : null
    },
  },
  {
    id: 'manifest.prefix',
    title: 'all config vars begin with the prefix',
    rule: "Names begin with api.config_vars_prefix, by default the id in capitals; the attachment's name takes its place.",
    source: 'kensa, all config vars are prefixed with the addon id',
    advice: 'Rename the config var, or set "config_vars_prefix" to what it begins with.',
    at: 'api.config_vars',
    judge({ id }, { config_vars, config_vars_prefix }) {
      const prefix = configPrefix({
        id: String(id ?? ''),
        api: { config_vars_prefix: textOf(config_vars_prefix) ?? '' },
      })
      const bad = list(config_vars).find((name) => name !== prefix && !String(name).startsWith(`${prefix}_`))
      return bad === undefined ? null : `${JSON.stringify(bad).slice(0, 60)} does not begin with ${prefix}_.`
    },
  },
  {
    id: 'manifest.requires',
    title: 'all requirements are known',
    rule: `"api.requires" holds some of ${requirements.join(', ')}.`,
    source: 'manifests in the wild; gap of kensa',
    advice: 'Correct the word, or leave it out.',
    at: 'api.requires',
    judge(_, { requires }) {
      if (requires !== undefined && !Array.isArray(requires)) return milder('"api.requires" is not a list.')
      const unknown = list(requires).filter((word) => !(requirements as readonly unknown[]).includes(word))
      return unknown.length ? milder(`Not known: ${JSON.stringify(unknown).slice(0, 80)}.`) : null
    },
  },
  {
    id: 'manifest.deprecated',
    title: 'no field is deprecated',
    rule: '"api.username" has no meaning: the user of Basic auth is the id.',
    source: 'kensa, deprecated fields',
    advice: 'Remove "api.username", and compare the user with the id.',
    at: 'api.username',
    judge: (_, { username }) => (username === undefined ? null : '"api.username" is deprecated.'),
  },
  {
    id: 'manifest.publish',
    title: 'the manifest may be published',
    rule: 'A push is stricter than this inspection: short secrets, odd names and broken links are refused there.',
    source: 'Mortise, the manifest portal',
    advice: 'Do what each sentence says before you push.',
    at: '',
    judge(raw) {
      const read = readManifest(raw)
      if ('problems' in read) return read.problems.join(' ')
      const isHere = isLoopback(new URL(read.manifest.api.production.base_url).hostname)
      const said = [...read.warnings, ...checkForPush(read.manifest, { localhost: isHere })]
      return said.length ? milder(said.join(' ')) : null
    },
  },
]

/** Makes one of them. @param file name of the manifest, for the evidence */
export function judgeManifest(check: ManifestCheck, raw: Fields, file: string) {
  const api = isFields(raw.api) ? raw.api : {}
  const value = check.at.split('.').reduce<unknown>((at, key) => (key && isFields(at) ? at[key] : at), raw)
  const isSecret = /password|sso_salt/.test(check.at) && value !== undefined
  const received = isSecret ? '[hidden]' : check.at === '' || check.at === 'api' ? '' : String(JSON.stringify(value))
  const evidence = { sent: `nothing was sent; read ${[file, check.at].filter(Boolean).join(': ')}`, received }
  const found = check.judge(raw, api)
  if (found === null) return pass(evidence)
  if (typeof found === 'string') return fail(found, evidence)
  return { ...warn(found.reason, evidence), status: found.status as Status }
}
