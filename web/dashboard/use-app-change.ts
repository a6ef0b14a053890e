import { type UseMutationOptions, useMutation } from '@tanstack/react-query'
import { useSay } from '../kit/toast.js'
import { changed } from './resources.js'

interface AppChange<Answer> extends Pick<UseMutationOptions<Answer, Error, void>, 'gcTime'> {
  mutationFn(): Promise<Answer>
  /** What was done, in a sentence. */
  said(answer: Answer): string
}

/** A change of an app that a dialog makes: once it is made it is said, the dialog closes, and the page is read anew. */
export function useAppChange<Answer>(app: string, onClose: () => void, { said, ...change }: AppChange<Answer>) {
  const say = useSay()
  return useMutation<Answer, Error, void>({
    ...change,
    async onSuccess(answer) {
      say(said(answer))
      onClose()
      await changed(app)
    },
  })
}
