import type { AppTransfer } from '@mortise/contract/platform-api/teams'
import { useMutation, useQuery } from '@tanstack/react-query'
import { api, queryClient, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { card } from '../../kit/page.js'
import { useSay } from '../../kit/toast.js'
import { useAccount } from '../../session.js'
import { transfers, transfersKey } from './queries.js'

/** Apps that others want to give to whoever is signed in. */
export function Offers() {
  const { data: open } = useQuery(transfers)
  const { data: account } = useAccount()
  const mine = open?.filter((one) => one.recipient.id === account?.id) ?? []
  if (mine.length === 0) return null
  return (
    <ul className="mb-6 grid gap-3" aria-label="Offers">
      {mine.map((offer) => (
        <Offer key={offer.id} offer={offer} />
      ))}
    </ul>
  )
}

function Offer({ offer }: { offer: AppTransfer }) {
  const say = useSay()
  const answer = useMutation({
    mutationFn: (state: 'accepted' | 'declined') =>
      api.call(routes.transfers.update, { params: { transfer: offer.id }, body: { state } }),
    onSuccess: ({ app, state }) =>
      say(state === 'accepted' ? `${app.name} is yours now.` : `You declined ${app.name}.`),
    onError: (error) => say(sentenceOf(error), 'bad'),
    // Refused, too: it may have been withdrawn, or settled in another window.
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: transfersKey }),
        queryClient.invalidateQueries({ queryKey: ['apps'] }),
      ]),
  })
  return (
    <li className={`flex flex-wrap items-center gap-x-6 gap-y-3 px-5 py-4 ${card}`}>
      <p className="min-w-0 flex-1 basis-64 [overflow-wrap:anywhere]">
        {offer.owner.email} offers you the app <span className="font-medium">{offer.app.name}</span>. If you take it,
        you pay for its add-ons from then on.
      </p>
      <div className="flex gap-2">
        <Button size="small" isBusy={answer.isPending} onClick={() => answer.mutate('declined')}>
          Decline
        </Button>
        <Button look="primary" size="small" isBusy={answer.isPending} onClick={() => answer.mutate('accepted')}>
          Accept
        </Button>
      </div>
    </li>
  )
}
