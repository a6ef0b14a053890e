import { type ComponentProps, lazy, Suspense } from 'react'

// It brings a dialog with it, which weighs something; most installs don't fail.
const Now = lazy(() => import('./remove-made-app.js').then((module) => ({ default: module.RemoveMadeApp })))

export function RemoveMadeApp(props: ComponentProps<typeof Now>) {
  return (
    <Suspense fallback={null}>
      <Now {...props} />
    </Suspense>
  )
}
