import { invalid } from '@mortise/contract/errors'
import { appNamePattern } from '@mortise/contract/platform-api/apps'
import type { World } from '../world/world.js'

const pattern = new RegExp(appNamePattern)

/** An app's name is also a host label: these would be taken for a part of the platform itself. */
const reserved = new Set(
  `about account accounts admin api app apps assets auth autoconfig autodiscover billing blog build cdn console
  dashboard data docs ftp git help host imap internal localhost login logs mail marketplace metrics mortise nav ns1 ns2
  oauth operator platform pop portal provider providers registry root router run signin smtp sso static stats status
  support system test web webhooks webmail wpad www www1 www2`.split(/\s+/),
)

/** @throws WireError 422 that says what a name looks like */
export function checkAppName(name: string): void {
  if (!pattern.test(name)) {
    throw invalid(
      'Name must start with a letter, end with a letter or digit, and can only contain lowercase letters, digits, and dashes. It has 3 to 30 characters.',
    )
  }
  if (reserved.has(name) || name.startsWith('xn--')) throw invalid(`Name "${name}" is reserved. Choose another one.`)
}

const adjectives = `amber ancient brave bright brisk calm candid clever cosy crisp curious dapper deep early eager fair
  fleet fond gentle gilded glad golden grand hardy hazel humble jolly keen kind lively lucid lucky mellow merry mild
  misty modest nimble noble oaken patient plain plucky polished proud quiet rapid rosy rustic sandy serene silent silver
  sleek snug sober solid sound spry steady still sturdy sunny swift tidy tranquil true trusty velvet vivid warm wise
  witty young`.split(/\s+/)

const nouns = `adze anvil arbor arch auger awl bay beam bench birch bough brace bridge brook cabin cedar chisel cliff
  clamp cove creek dale dell dowel eave elm fern field fjord forge frame gable garden gate glade grove hammer harbor
  hearth heath hill hinge inlet isle joist lake lantern larch lathe ledge lintel loft maple marsh meadow mill oak orchard
  pane pier pine plane plank pond porch quarry rafter rail reef ridge ripple river saddle saw shed shore sill spire
  spring stair stone stream summit tenon thicket timber truss vale vise wedge willow wharf`.split(/\s+/)

/** `fleet-harbor-04711`: 5 digits, so that a collision is rare; the caller tries again when there is one. */
export function generatedAppName(world: World): string {
  const one = (words: readonly string[]) => words[Math.floor(world.chance() * words.length)] ?? words[0]
  const number = String(Math.floor(world.chance() * 100_000)).padStart(5, '0')
  return `${one(adjectives)}-${one(nouns)}-${number}`
}
