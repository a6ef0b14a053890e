import type { Inspection } from '@mortise/contract/platform-api/provider-portal'
import { nextStage } from '@mortise/contract/platform-api/stage-requests'
import { stepsToGa } from '@mortise/contract/platform-api/steps-to-ga'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, routes } from '../api.js'
import { Badge } from '../kit/badge.js'
import { Button } from '../kit/button.js'
import { Checklist } from '../kit/checklist.js'
import { Confirm } from '../kit/confirm.js'
import { Loaded, together } from '../kit/loaded.js'
import { card, Section } from '../kit/page.js'
import { isOperator } from '../operator/queries.js'
import { inspections, looked, manifestInForce, services } from './queries.js'
import { AskForStage } from './stage-request.js'
import { stageOf } from './words.js'

const means: Record<string, string> = {
  alpha: 'You order it, and whom you give a pass.',
  beta: 'Everybody finds and orders it. Nothing is billed.',
  ga: 'Everybody orders it, and what is ordered is billed.',
  shutdown: 'Nobody new orders it. Whoever has it keeps it.',
}

/** How far the service is, what the next stage asks for, and who opens it. */
export function Stage({ slug }: { slug: string }) {
  const read = together(useQuery(services), useQuery(inspections(slug)), useQuery(manifestInForce(slug)))
  return (
    <Section title="Stage">
      <Loaded read={read} what="The stage" rows={1} height="h-40">
        {([all, inspected, inForce]) => (
          <Shown
            slug={slug}
            state={all.find(({ name }) => name === slug)?.state ?? 'alpha'}
            newest={inspected[0]}
            revision={inForce.revision}
          />
        )}
      </Loaded>
    </Section>
  )
}

interface ShownProps {
  slug: string
  state: string
  newest: Inspection | undefined
  revision: number | null
}

function Shown({ slug, state, newest, revision }: ShownProps) {
  const { data: isTheirs } = useQuery(isOperator)
  const [isAsking, setAsking] = useState(false)
  const target = nextStage[state]
  const move = useMutation({
    mutationFn: (to: 'beta' | 'ga') =>
      api.call(routes.catalog.update, { params: { service: slug }, body: { state: to } }),
    onSuccess: () => {
      setAsking(false)
      looked()
    },
  })
  const steps = target === 'ga' ? stepsToGa(newest, revision, new Date()) : []
  const isReady = steps.every(({ isDone }) => isDone)
  const { word, tone } = stageOf(state)
  const goal = target && stageOf(target).word.toLowerCase()
  return (
    <>
      <div className={`${card} grid gap-4 px-5 py-4`}>
        <p className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Badge tone={tone}>{word}</Badge>
          <span className="text-muted text-sm">{means[state]}</span>
        </p>
        {target && (
          <div className="grid gap-3 border-line border-t pt-4">
            <p className="font-medium">
              Next: {goal}. <span className="font-normal text-muted">{means[target]}</span>
            </p>
            {steps.length > 0 && (
              <Checklist
                points={steps.map(({ isDone, title, advice }) => ({ holds: isDone, title, todo: advice }))}
                held="Done"
              />
            )}
            {isTheirs ? (
              <div>
                <Button look="primary" disabled={!isReady} onClick={() => setAsking(true)}>
                  Make it {goal}
                </Button>
              </div>
            ) : (
              <AskForStage slug={slug} state={state} isReady={isReady} />
            )}
          </div>
        )}
      </div>
      {isAsking && target && (
        <Confirm
          title={`Make ${slug} ${goal}?`}
          lead={`${means[target]} What was ordered before stays as it is.`}
          verb={`Make it ${goal}`}
          isBusy={move.isPending}
          error={move.error}
          onConfirm={() => move.mutate(target)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
