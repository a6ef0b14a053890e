import { nextStage, type StageRequest, stageNoteMax } from '@mortise/contract/platform-api/stage-requests'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, routes, sentenceOf } from '../api.js'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Confirm } from '../kit/confirm.js'
import { TextArea } from '../kit/field.js'
import { Loaded } from '../kit/loaded.js'
import { TimeAgo } from '../kit/time-ago.js'
import { useSay } from '../kit/toast.js'
import { looked, stageRequests } from './queries.js'
import { stageNoun } from './words.js'

interface AskForStageProps {
  slug: string
  state: string
  isReady: boolean
}

/** What a provider asked of the operator for its service's next stage, what came of it, and the way to ask. */
export function AskForStage(props: AskForStageProps) {
  return (
    <Loaded read={useQuery(stageRequests(props.slug))} what="What you asked for" rows={1}>
      {(all) => <Asked {...props} all={all} />}
    </Loaded>
  )
}

function Asked({ slug, state, isReady, all }: AskForStageProps & { all: readonly StageRequest[] }) {
  const say = useSay()
  const [isAsking, setAsking] = useState(false)
  const withdraw = useMutation({
    mutationFn: ({ id }: StageRequest) =>
      api.call(routes.stageRequests.withdraw, { params: { slug, stage_request: id } }),
    onSuccess: () => say('The request is withdrawn.'),
    onError: (fault) => say(sentenceOf(fault), 'bad'),
    // Also when the operator was faster: then it shows what became of it.
    onSettled: looked,
  })
  const target = nextStage[state]
  if (!target) return null
  const goal = stageNoun(target)
  const newest = all.find(({ stage }) => stage === target)
  const isOpen = newest?.state === 'open'
  return (
    <div className="grid gap-3 text-sm">
      {(isOpen || newest?.state === 'declined') && <Told request={newest} />}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {isOpen ? (
          <Button size="small" isBusy={withdraw.isPending} onClick={() => withdraw.mutate(newest)}>
            Withdraw the request
          </Button>
        ) : (
          <Button look={isReady ? 'primary' : 'secondary'} onClick={() => setAsking(true)}>
            {newest?.state === 'declined' ? `Ask for ${goal} again` : `Ask for ${goal}`}
          </Button>
        )}
        <p className="text-muted">
          {isOpen ? 'The operator of this platform sees it.' : 'The operator of this platform opens the next stage.'}
        </p>
      </div>
      {isAsking && <Ask slug={slug} target={target} goal={goal} isReady={isReady} onClose={() => setAsking(false)} />}
    </div>
  )
}

/** One that is open or was declined. */
function Told({ request }: { request: StageRequest }) {
  const isOpen = request.state === 'open'
  return (
    <div className="grid gap-1 rounded-lg border border-line bg-sunken px-4 py-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Badge tone={isOpen ? 'busy' : 'bad'} dot>
          {isOpen ? 'Asked' : 'Declined'}
        </Badge>
        <span className="text-muted [overflow-wrap:anywhere]">
          <TimeAgo at={request.ended_at ?? request.created_at} />
          {isOpen && request.asked_by && ` by ${request.asked_by}`}
        </span>
      </p>
      {request.note && <p className="text-muted [overflow-wrap:anywhere]">Your note: “{request.note}”</p>}
      {request.reason && <p className="[overflow-wrap:anywhere]">The operator: “{request.reason}”</p>}
    </div>
  )
}

interface AskProps {
  slug: string
  target: 'beta' | 'ga'
  goal: string
  isReady: boolean
  onClose(): void
}

function Ask({ slug, target, goal, isReady, onClose }: AskProps) {
  const say = useSay()
  const [note, setNote] = useState('')
  const ask = useMutation({
    mutationFn: () =>
      api.call(routes.stageRequests.create, {
        params: { slug },
        body: { stage: target, ...(note.trim() ? { note: note.trim() } : {}) },
      }),
    async onSuccess() {
      say(`You asked for ${goal}.`)
      onClose()
      await looked()
    },
  })
  const bytes = new TextEncoder().encode(note.trim()).length
  return (
    <Confirm
      title={`Ask for ${goal}?`}
      lead={
        isReady
          ? 'The operator is told, and moves your service on or says why not.'
          : 'Something is still missing, as the list says. The operator sees that, and may decline.'
      }
      verb="Ask"
      isBusy={ask.isPending}
      error={ask.error}
      onConfirm={() => bytes <= stageNoteMax && ask.mutate()}
      onClose={onClose}
    >
      <TextArea
        label="Note to the operator (optional)"
        error={bytes > stageNoteMax ? 'A note has at most 1 KiB.' : null}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
    </Confirm>
  )
}
