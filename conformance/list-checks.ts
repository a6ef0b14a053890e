import { listPageMax } from '@mortise/contract/partner-api/list'
import { type Check, fail, pass, Skipped, type Verdict } from './check.js'
import { type Exchange, fieldsOf, isOk, outcomeOf, statusOf } from './exchange.js'
import type { Inspection, Made } from './inspection.js'

/** Pages that are read; a provider whose `next` never ends is told so. */
const pagesMax = 200

const source = 'Mortise, api.lists_resources'
const advice =
  'Answer GET base_url with {"resources": [{"uuid": …}], "next": null}, or leave "lists_resources" out of the manifest.'

function skipUnlessListing({ manifest }: Inspection): void {
  if (manifest.api.lists_resources !== true) throw new Skipped('the manifest does not say "lists_resources"')
}

/** Reads page by page and says whether the list names this resource; a list that can't be read is a verdict. */
async function lookUp(
  { partner }: Inspection,
  { uuid, id }: Made,
): Promise<{ names: boolean; last: Exchange } | Verdict> {
  let after: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const last = await partner.list({ limit: listPageMax, after })
    if (statusOf(last) !== 200) return fail(`Expected 200, got ${outcomeOf(last)}.`, last)
    const { resources, next } = fieldsOf(last)
    if (!Array.isArray(resources)) return fail('There are no "resources".', last)
    if (resources.some((each) => each?.uuid === uuid || (id !== null && String(each?.id) === id)))
      return { names: true, last }
    if (next === null || next === undefined) return { names: false, last }
    if (typeof next !== 'string' || next === after) return fail('"next" leads nowhere.', last)
    after = next
  }
  throw new Skipped(`the list has more than ${pagesMax} pages`)
}

export const listed: Check = {
  id: 'provision.listed',
  title: 'the list of what is kept names the resource',
  rule: 'Who says "lists_resources" answers GET base_url with everything that is kept, page by page; the platform compares its books with it.',
  source,
  advice,
  async run(it) {
    skipUnlessListing(it)
    const made = await it.first()
    if (!isOk(made.exchange)) throw new Skipped('nothing was provisioned')
    const found = await lookUp(it, made)
    if (!('names' in found)) return found
    return found.names ? pass(found.last) : fail('The list does not name what was just made.', found.last)
  },
}

export const listedToNobody: Check = {
  id: 'provision.list-no-password',
  title: 'the list is shown to the platform only',
  rule: 'The list carries the password of the manifest, as every request does.',
  source,
  advice: 'Compare user and password before the list is made, and answer 401.',
  async run(it) {
    skipUnlessListing(it)
    const asked = await it.partner.list({ limit: 1 }, null)
    return statusOf(asked) === 401 ? pass(asked) : fail(`Expected 401, got ${outcomeOf(asked)}.`, asked)
  },
}

export const unlisted: Check = {
  id: 'after.unlisted',
  title: 'the list does not name what was removed',
  rule: 'What the list names is kept, and costs: a resource whose removal was confirmed is not on it.',
  source,
  advice: 'Leave out of the list what you answered 204 or 410 for.',
  async run(it) {
    skipUnlessListing(it)
    const made = await it.removed()
    if (!isOk(made.removal)) throw new Skipped('the resource was not removed')
    const found = await lookUp(it, made)
    if (!('names' in found)) return found
    return found.names ? fail('The list still names it.', found.last) : pass(found.last)
  },
}
