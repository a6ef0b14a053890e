import { lazy, Suspense } from 'react'

// The form comes when it is asked for: it weighs something, and most visits to an app's page don't need it.
const Dialog = lazy(() => import('./install-dialog.js').then((module) => ({ default: module.InstallDialog })))

/** Adds an add-on to this app, from its own page. */
export function Install(props: { app: string; onClose(): void }) {
  return (
    <Suspense>
      <Dialog {...props} />
    </Suspense>
  )
}
