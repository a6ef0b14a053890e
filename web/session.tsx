import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useEffect } from 'react'
import { ApiError, accountKey, api, noteSuspension, queryClient, routes, sentenceOf, suspensionKey } from './api.js'
import { Button } from './kit/button.js'
import { Field } from './kit/field.js'
import { Loaded } from './kit/loaded.js'
import { Mark } from './kit/mark.js'
import { card } from './kit/page.js'
import { Notice } from './kit/state.js'

/** Who is signed in; null when nobody is. The cookie itself is out of reach of scripts. */
const account = queryOptions({
  queryKey: accountKey,
  staleTime: 60_000,
  async queryFn() {
    try {
      return await api.call(routes.account.info)
    } catch (error) {
      if (noteSuspension(error) || (error instanceof ApiError && error.status === 401)) return null
      throw error
    }
  },
})

export const useAccount = () => useQuery(account)

export function useSignOut() {
  return useMutation({
    mutationFn: () => api.call(routes.webSession.signOut),
    onSettled() {
      // Nothing that was read with the session may stay in the page.
      queryClient.clear()
      window.location.assign('/marketplace')
    },
  })
}

/** Shows its children to whoever is signed in, and the sign-in form, at the same address, to everyone else. */
export function Signed({ children }: { children: ReactNode }) {
  const read = useAccount()
  if (read.data) return children
  if (read.data === null) return <SignIn />
  return (
    <div className="mx-auto w-full max-w-5xl px-5 py-12 sm:px-8">
      <h1 className="sr-only">Mortise</h1>
      <Loaded read={read} what="Your account">
        {() => null}
      </Loaded>
    </div>
  )
}

/** The form. Once signed in, the page that needed it shows itself; `onDone` leads elsewhere when there is none. */
export function SignIn({ onDone }: { onDone?: () => void }) {
  // Written by whoever is refused; there is nothing to ask for.
  const { data: suspension } = useQuery<string | null>({
    queryKey: suspensionKey,
    queryFn: () => null,
    initialData: null,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const signIn = useMutation({
    mutationFn: (body: { email: string; password: string }) => api.call(routes.webSession.signIn, { body }),
    async onSuccess() {
      queryClient.setQueryData(suspensionKey, null)
      if (onDone) onDone()
      // Whatever was refused before is asked again; the account first, as everything hangs on it.
      else await queryClient.invalidateQueries()
    },
  })
  useEffect(() => {
    document.title = 'Sign in · Mortise'
  }, [])
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    if (!signIn.isPending)
      signIn.mutate({ email: String(form.get('email')).trim(), password: String(form.get('password')) })
  }
  return (
    <div className="mx-auto grid w-full max-w-md gap-8 px-5 pt-12 pb-24 sm:pt-20">
      <div className="grid justify-items-center gap-4 text-center">
        <Mark />
        <div className="grid gap-1">
          <h1 className="font-semibold text-2xl tracking-tight">Sign in to Mortise</h1>
          <p className="text-muted">You come straight back to where you were.</p>
        </div>
      </div>
      <form onSubmit={submit} className={`grid gap-5 p-6 sm:p-8 ${card}`}>
        {signIn.error ? (
          <Notice tone="bad">{sentenceOf(signIn.error)}</Notice>
        ) : (
          suspension && <Notice tone="bad">{suspension}</Notice>
        )}
        <Field label="E-mail" name="email" type="email" autoComplete="username" required autoFocus />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        <Button type="submit" look="primary" isBusy={signIn.isPending} className="mt-1">
          Sign in
        </Button>
      </form>
      <p className="text-balance text-center text-muted text-sm">
        The first start of a server writes its account to <code className="text-soft">credentials.json</code> in its
        data folder. Forgot your password? Ask your operator for a link to a new one.
      </p>
    </div>
  )
}
