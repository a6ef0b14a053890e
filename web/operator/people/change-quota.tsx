import type { Quota } from '@mortise/contract/platform-api/quotas'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, routes, sentenceOf } from '../../api.js'
import { Button } from '../../kit/button.js'
import { Actions, Dialog } from '../../kit/dialog.js'
import { Choice, Field } from '../../kit/field.js'
import { Notice } from '../../kit/state.js'
import { useSay } from '../../kit/toast.js'
import { looked } from '../queries.js'

type Wish = 'usual' | 'none' | 'number'

/** As everybody, at most a number, or as much as it likes. */
export function ChangeQuota({ account, quota, onClose }: { account: string; quota: Quota; onClose(): void }) {
  const say = useSay()
  const [wish, setWish] = useState<Wish>(!quota.is_own ? 'usual' : quota.limit === null ? 'none' : 'number')
  const change = useMutation({
    mutationFn: (limit: number | null | undefined) =>
      api.call(routes.quotas.update, {
        params: { user: account },
        body: { updates: [{ name: quota.name, ...(limit === undefined ? {} : { limit }) }] },
      }),
    async onSuccess() {
      say(`The quota of ${quota.name} is set.`)
      onClose()
      await looked()
    },
  })
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const most = Number(new FormData(event.currentTarget).get('most'))
    if (!change.isPending) change.mutate(wish === 'usual' ? undefined : wish === 'none' ? null : most)
  }
  return (
    <Dialog
      title={`How many ${quota.name}?`}
      lead={`${account} has ${quota.used} now. A lower limit takes nothing away; nothing more can be made until there is room.`}
      onClose={onClose}
    >
      <form onSubmit={submit} className="grid gap-5">
        <Choice label="Limit" value={wish} onChange={(event) => setWish(event.target.value as Wish)}>
          <option value="usual">As everybody</option>
          <option value="number">At most a number</option>
          <option value="none">No limit</option>
        </Choice>
        {wish === 'number' && (
          <Field
            label="At most"
            name="most"
            type="number"
            min={0}
            max={1_000_000}
            required
            defaultValue={quota.limit ?? quota.used}
          />
        )}
        {change.error && <Notice tone="bad">{sentenceOf(change.error)}</Notice>}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={change.isPending}>
            Set the quota
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
