import type { Checker } from './checker.js'

export const eventsMatch: Checker = {
  name: 'events match state',
  when: 'always',
  check({ facts }) {
    const said = (what: string, is: string, event: string | null) =>
      is === event ? [] : [`${what} is ${is} and its last event says ${event}`]
    return [
      // What an operator adopted was never an add-on of anybody: its events tell no state.
      ...facts.addons.flatMap(({ name, state, lastEvent }) =>
        name.startsWith('found-') ? [] : said(name, state, lastEvent),
      ),
      ...facts.releases.flatMap(({ id, version, status, lastEvent }) =>
        said(`release ${id.slice(0, 8)} v${version}`, status, lastEvent),
      ),
      ...facts.builds.flatMap(({ id, status, lastEvent }) => said(`build ${id.slice(0, 8)}`, status, lastEvent)),
      ...facts.attachments.flatMap(({ name, detached, lastEvent }) =>
        (lastEvent === 'destroy') === detached
          ? []
          : [`${name} is ${detached ? 'detached' : 'attached'}: ${lastEvent}`],
      ),
      ...facts.apps.flatMap(({ name, state, lastEvent }) =>
        lastEvent !== null && (lastEvent === 'destroy') === (state !== 'live')
          ? []
          : [`${name} is ${state}: ${lastEvent}`],
      ),
    ]
  },
}
