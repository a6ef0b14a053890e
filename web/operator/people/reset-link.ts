import { useMutation } from '@tanstack/react-query'
import { api, routes, sentenceOf } from '../../api.js'
import { useSay } from '../../kit/toast.js'
import { looked } from '../queries.js'

/** A link to a new password, for who is known to have asked for it. */
export function useResetLink(onLink: (link: { email: string; url: string }) => void) {
  const say = useSay()
  const { mutate: make, isPending: isBusy } = useMutation({
    mutationFn: (email: string) => api.call(routes.passwordResets.create, { body: { email } }),
    async onSuccess({ user, url }) {
      if (url) onLink({ email: user.email, url })
      await looked()
    },
    onError: (error) => say(sentenceOf(error), 'bad'),
  })
  return { make, isBusy }
}
