import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { Toasts } from './kit/toast.js'
import type { makeRouter } from './router.js'

/** Everything on the page, the same in the browser and where the server draws the first paint. */
export function AppRoot({ queries, router }: { queries: QueryClient; router: ReturnType<typeof makeRouter> }) {
  return (
    <StrictMode>
      <QueryClientProvider client={queries}>
        <Toasts>
          <RouterProvider router={router} />
        </Toasts>
      </QueryClientProvider>
    </StrictMode>
  )
}
