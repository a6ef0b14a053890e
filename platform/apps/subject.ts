import type { App } from './app.js'

/** The app that the guard loaded. @throws a bug: the route's permission is not of the `app.` kind */
export function appIn(subjects: { app?: App }): App {
  if (!subjects.app) throw new Error('a route that speaks of an app has a permission that loads none')
  return subjects.app
}
