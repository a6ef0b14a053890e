import { useMutation } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { accountKey, api, queryClient, routes, sentenceOf } from '../api.js'
import { Button } from '../kit/button.js'
import { Field } from '../kit/field.js'
import { card, Page, Section } from '../kit/page.js'
import { Notice } from '../kit/state.js'
import { Tab, Tabs } from '../kit/tabs.js'
import { useSay } from '../kit/toast.js'
import { useAccount } from '../session.js'
import { SignedIn } from './signed-in.js'

/** Who is signed in. */
export function AccountPage() {
  const { data: account } = useAccount()
  return (
    <Page title="Your account" lead={account?.email}>
      <Tabs label="Account">
        <Tab to="/dashboard/account" isStart>
          Settings
        </Tab>
        <Tab to="/dashboard/account/activity">Activity</Tab>
      </Tabs>
      <Outlet />
    </Page>
  )
}

/** The name that others see, the password, and where else it is signed in. */
export function AccountSettings() {
  const { data: account } = useAccount()
  return (
    <>
      <Section title="Name">
        <NameForm key={account?.name ?? ''} name={account?.name ?? ''} />
      </Section>
      <Section title="Password">
        <PasswordForm email={account?.email ?? ''} />
      </Section>
      <SignedIn />
    </>
  )
}

const form = `grid max-w-md gap-5 p-6 ${card}`

function NameForm({ name }: { name: string }) {
  const say = useSay()
  const rename = useMutation({
    mutationFn: (name: string | null) => api.call(routes.account.update, { body: { name } }),
    async onSuccess() {
      say('Your name is saved.')
      await queryClient.invalidateQueries({ queryKey: accountKey })
    },
  })
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const wanted = String(new FormData(event.currentTarget).get('name')).trim()
    if (!rename.isPending) rename.mutate(wanted || null)
  }
  return (
    <form onSubmit={submit} className={form}>
      {rename.error && <Notice tone="bad">{sentenceOf(rename.error)}</Notice>}
      <Field label="Name" name="name" defaultValue={name} maxLength={200} autoComplete="name" />
      <Button type="submit" isBusy={rename.isPending} className="justify-self-start">
        Save the name
      </Button>
    </form>
  )
}

function PasswordForm({ email }: { email: string }) {
  const say = useSay()
  const [differs, setDiffers] = useState(false)
  const fields = useRef<HTMLFormElement>(null)
  const change = useMutation({
    meta: { provesPassword: true },
    mutationFn: (body: { password: string; new_password: string }) => api.call(routes.account.update, { body }),
    onSuccess() {
      fields.current?.reset()
      say('Your password is changed. Every other browser is signed out.')
    },
  })
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const wanted = String(given.get('new'))
    const isDifferent = wanted !== String(given.get('again'))
    setDiffers(isDifferent)
    if (!isDifferent && !change.isPending)
      change.mutate({ password: String(given.get('current')), new_password: wanted })
  }
  return (
    <form ref={fields} onSubmit={submit} className={form}>
      {change.error && <Notice tone="bad">{sentenceOf(change.error)}</Notice>}
      {/* What a password manager files the new one under. */}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <Field label="Password in force" name="current" type="password" autoComplete="current-password" required />
      <Field
        label="New password"
        name="new"
        type="password"
        autoComplete="new-password"
        required
        hint="Other browsers are signed out; keys of command lines and programs stay."
      />
      <Field
        label="New password again"
        name="again"
        type="password"
        autoComplete="new-password"
        required
        error={differs ? 'The two are not the same.' : null}
      />
      <Button type="submit" look="primary" isBusy={change.isPending} className="justify-self-start">
        Change the password
      </Button>
    </form>
  )
}
