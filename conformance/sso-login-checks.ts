import { navDataCookie } from '@mortise/contract/partner-api/nav-data'
import { type Check, fail, pass, Skipped, warn } from './check.js'
import { outcomeOf, statusOf } from './exchange.js'
import type { Inspection } from './inspection.js'
import { isLetIn, signOn, type Visit } from './sso-browser.js'
import { dashboardOf, ssoForm, tokenFields } from './sso-form.js'

const logins = new WeakMap<Inspection, Promise<{ seen: Visit; form: Record<string, string> }>>()

/** One honest sign-on, followed to its page; several checks look at it. */
function login(it: Inspection): Promise<{ seen: Visit; form: Record<string, string> }> {
  const known = logins.get(it)
  if (known) return known
  const fresh = (async () => {
    const form = ssoForm(it, await dashboardOf(it))
    return { seen: await signOn(it, form, true), form }
  })()
  logins.set(it, fresh)
  return fresh
}

async function dashboard(it: Inspection) {
  const { seen, form } = await login(it)
  if (statusOf(seen.last) !== 200) throw new Skipped('nobody could sign on')
  return { seen, form }
}

const logsIn: Check = {
  id: 'sso.login',
  title: 'a good form leads to the dashboard',
  rule: 'A fresh and well signed form ends, after redirects, on a page with 200.',
  source: 'kensa, logs in',
  advice:
    'Read the form (urlencoded), check the token, set your session and redirect to the dashboard of the resource.',
  async run(it) {
    const { seen } = await login(it)
    if (statusOf(seen.last) === 200) return pass(seen.exchanges)
    return fail(`Expected 200 in the end, got ${outcomeOf(seen.last)}.`, seen.exchanges)
  },
}

const kinds: Check = {
  id: 'sso.tokens',
  title: 'the newest token is enough',
  rule: 'Platforms may send user_scoped_resource_token alone, since it is the only one that covers the person.',
  source: 'Dev Center, Add-on Single Sign-on (2026)',
  advice: 'Accept user_scoped_resource_token; the older two are deprecated.',
  async run(it) {
    const made = await dashboardOf(it)
    const accepted: string[] = []
    const exchanges = []
    for (const field of [...tokenFields].reverse()) {
      const seen = await signOn(it, ssoForm(it, made, { tokens: [field] }))
      exchanges.push(...seen.exchanges)
      if (isLetIn(seen)) accepted.push(field)
    }
    if (accepted.includes('user_scoped_resource_token')) return pass(exchanges)
    const bad = it.manifest.api.sso === 'user_scoped' ? fail : warn
    return bad(`Alone it accepts ${accepted.join(' and ') || 'none of the three'}.`, exchanges)
  },
}

const tolerant: Check = {
  id: 'sso.extra-keys',
  title: 'keys that are not known do no harm',
  rule: 'Deep links put keys of their own into the form; they are no part of the token.',
  source: 'Heroku, How Add-ons Work (2014)',
  advice: 'Ignore what you do not know.',
  async run(it) {
    await dashboard(it)
    const seen = await signOn(it, { ...ssoForm(it, await it.live()), 'inspect-key': 'a value' })
    return isLetIn(seen)
      ? pass(seen.exchanges)
      : fail(`With one more key it got ${outcomeOf(seen.last)}.`, seen.exchanges)
  },
}

const aged: Check = {
  id: 'sso.fresh-enough',
  title: 'a form of a minute ago is still good',
  rule: 'People are slow and clocks differ: a form is good for five minutes.',
  source: 'Dev Center, Add-on Single Sign-on (2014)',
  advice: 'Accept timestamps up to 300 s old.',
  async run(it) {
    await dashboard(it)
    const seen = await signOn(it, ssoForm(it, await it.live(), { age: 60 }))
    return isLetIn(seen) ? pass(seen.exchanges) : warn(`It got ${outcomeOf(seen.last)}.`, seen.exchanges)
  },
}

/** kensa's wire fails without it; in v3 it is deprecated, and Heroku's own documentation stopped asking in 2019. */
const missing = (it: Inspection) => (it.isV3 ? warn : fail)

const cookie: Check = {
  id: 'sso.nav-cookie',
  title: `the cookie ${navDataCookie} is set`,
  rule: 'The nav-data of the form becomes a cookie of that name, byte for byte, with path=/ and readable by scripts.',
  source: 'kensa, creates the heroku-nav-data cookie',
  advice: `Set-Cookie: ${navDataCookie}=<nav-data>; path=/ (without HttpOnly).`,
  async run(it) {
    const { seen, form } = await dashboard(it)
    const line = seen.cookies.findLast((each) => each.startsWith(`${navDataCookie}=`))
    if (!line) return missing(it)('There is no such cookie.', seen.exchanges)
    const [pair = '', ...flags] = line.split(';').map((part) => part.trim())
    if (pair.slice(navDataCookie.length + 1) !== form['nav-data']) {
      return missing(it)('The cookie does not hold the nav-data of the form.', seen.exchanges)
    }
    if (flags.some((flag) => /^httponly$/i.test(flag))) return warn('Scripts cannot read it: HttpOnly.', seen.exchanges)
    const isForAll = flags.some((flag) => /^path=\/$/i.test(flag))
    return isForAll ? pass(seen.exchanges) : warn('It is not for every page: path=/ is missing.', seen.exchanges)
  },
}

const headerMarks = [
  /<[^>]+\bid\s*=\s*["']?heroku-header\b/i,
  /<script[^>]+\bsrc\s*=\s*["']?[^"'>]*(boomerang|\/nav\/v\d+\/header\.js|\/nav\.js)/i,
]

const header: Check = {
  id: 'sso.nav-header',
  title: 'the dashboard shows the nav header',
  rule: "The page holds the platform's header: its script (or boomerang.js), or an element with the id heroku-header.",
  source: 'kensa, displays the heroku layout; Heroku, How Add-ons Work (2014)',
  advice: 'Add <script src="PLATFORM/nav/v1/header.js" data-app="APP" data-addon="ADD-ON" defer></script> to the page.',
  async run(it) {
    const { seen } = await dashboard(it)
    const page = seen.last.answer?.text ?? ''
    const isThere = headerMarks.some((mark) => mark.test(page))
    return isThere ? pass(seen.exchanges) : missing(it)('The page has no nav header.', seen.exchanges)
  },
}

const accountItems: Check = {
  id: 'sso.no-account-items',
  title: 'the dashboard offers nothing of an account',
  rule: 'Who comes from the platform has no password, no bill and no log-out here: such links are left out.',
  source: 'Heroku, How Add-ons Work (2014)',
  advice: 'Mark sessions made by single sign-on, and hide those links in them.',
  async run(it) {
    const { seen } = await dashboard(it)
    const links = (seen.last.answer?.text ?? '').match(/<(a|button)\b[^>]*>[^<]*<\/\1>/gi) ?? []
    const found = links.find((link) => /(change|reset) password|billing|log ?out|sign ?out/i.test(link))
    return found
      ? warn('The page has a link for the password, billing or log-out.', seen.exchanges)
      : pass(seen.exchanges)
  },
}

/** What an honest person meets. */
export const loginChecks: readonly Check[] = [logsIn, kinds, aged, tolerant, cookie, header, accountItems]
