import { type Inspection, inspectionDaysMax } from './provider-portal.js'

export interface Step {
  title: string
  isDone: boolean
  /** What to do while it is not done. */
  advice: string
}

/** What is asked before everybody's money is taken, step by step. The platform judges again when it is asked. */
export function stepsToGa(
  newest: Pick<Inspection, 'created_at' | 'failed' | 'manifest_revision'> | undefined,
  revision: number | null,
  now: Date,
): Step[] {
  const days = newest ? Math.floor((now.getTime() - Date.parse(newest.created_at)) / 86_400_000) : 0
  const again = 'Run `mortise inspect --report` with your provider running.'
  return [
    { title: 'An inspection is reported', isDone: newest !== undefined, advice: again },
    {
      title: 'It passed',
      isDone: newest?.failed === 0,
      advice: newest ? `${newest.failed} of its checks failed; each says below what to do.` : again,
    },
    {
      title: `It is of the manifest in force${revision === null ? '' : ` (${revision})`}`,
      isDone: newest !== undefined && newest.manifest_revision === revision,
      advice: newest ? `The newest is of manifest ${newest.manifest_revision}. ${again}` : again,
    },
    {
      title: `It is less than ${inspectionDaysMax} days old`,
      isDone: newest !== undefined && days < inspectionDaysMax,
      advice: newest ? `It is ${days} days old. ${again}` : again,
    },
  ]
}
