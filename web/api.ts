import { ApiError, createClient } from '@mortise/contract/client'
import { routes } from '@mortise/contract/platform-api/routes'
import type { AnswerOf, Route } from '@mortise/contract/route'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'

export { ApiError, routes }

/**
 * The one door to the server: the public API, same origin, with the session's cookie.
 * The header is what a page of another origin cannot send along, so a cookie alone never acts.
 */
const headers = { 'X-Mortise-Web': '1' }
export const api = createClient({ url: '', headers })

/** The same, but of a list only the first page: for the newest of what may be thousands. */
export const firstPage = createClient({ url: '', headers, fetch: fetchOnePage })

// The client goes on as long as an answer names a next page.
async function fetchOnePage(...question: Parameters<typeof fetch>): Promise<Response> {
  const answer = await fetch(...question)
  const headers = new Headers(answer.headers)
  headers.delete('next-range')
  return new Response(answer.body, { status: answer.status, headers })
}

/** One call whose answer says something in a header, such as a secret that is told once. */
export async function callForHeader<R extends Route>(
  route: R,
  ask: Parameters<typeof api.call<R>>[1],
  name: string,
): Promise<{ answer: AnswerOf<R>; header: string | null }> {
  let header: string | null = null
  const listening = createClient({
    url: '',
    headers,
    async fetch(...question) {
      const answer = await fetch(...question)
      header = answer.headers.get(name)
      return answer
    },
  })
  return { answer: await listening.call(route, ask), header }
}

export const accountKey = ['account'] as const

/** Why the operator lets this account in nowhere, in the server's words; null for everybody else. */
export const suspensionKey = ['suspension'] as const

/** Any 401 means that the session is over, unless it is said of a password that was typed; then the sign-in form shows. */
function noticeEndOfSession(error: Error, isOfPassword = false) {
  const isOver = noteSuspension(error) || (error instanceof ApiError && error.status === 401 && !isOfPassword)
  if (isOver) queryClient.setQueryData(accountKey, null)
}

/** Keeps the words for the sign-in form, where whoever is suspended ends up. @returns whether it is that */
export function noteSuspension(error: unknown): boolean {
  if (!(error instanceof ApiError && error.id === 'suspended')) return false
  queryClient.setQueryData(suspensionKey, error.message)
  return true
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => noticeEndOfSession(error) }),
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, { meta }) => noticeEndOfSession(error, meta?.['provesPassword'] === true),
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays a refusal; only silence and the server's own trouble are worth asking again.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
    },
    mutations: { retry: false },
  },
})

/** What to show a person: the server's own words, or that it could not be reached. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) return error.message
  if (error instanceof TypeError) return 'The server could not be reached. Check your connection and try again.'
  return error instanceof Error ? error.message : 'Something went wrong.'
}
