import type { QueryKey } from '@tanstack/react-query'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { queryClient } from './api.js'
import { AppRoot } from './app-root.js'
import { makeRouter } from './router.js'
import './style.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

const router = makeRouter()
const drawn = document.getElementById('drawn-from')
if (drawn) await takeOver(root, drawn)
else createRoot(root).render(<AppRoot queries={queryClient} router={router} />)

/**
 * The server has drawn this page (first-paint.tsx). React goes on from there with what it was drawn from, so that nothing
 * jumps and whoever has begun to read, or to type, is not disturbed.
 */
async function takeOver(root: HTMLElement, drawn: HTMLElement) {
  // As old as can be: it is what everybody may see, and who is signed in may see more.
  const updatedAt = 1
  for (const [key, data] of JSON.parse(drawn.textContent) as [QueryKey, unknown][])
    queryClient.setQueryData(key, data, { updatedAt })
  // The router draws without a waiting state around it where a server has drawn before.
  router.ssr = { manifest: undefined }
  await router.load()
  hydrateRoot(root, <AppRoot queries={queryClient} router={router} />)
}
