import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError, sentenceOf } from '../api.js'
import { Failed, Loading } from './state.js'
import { TimeAgo } from './time-ago.js'

/** What was asked of the server, as react-query tells it. */
export type Read<T> = Pick<UseQueryResult<T>, 'data' | 'error' | 'dataUpdatedAt'> & { refetch(): unknown }

interface LoadedProps<T> {
  read: Read<T>
  /** What it is, as the start of a sentence: `The releases`. */
  what: string
  /** The shape of what is coming: so many bars of this height. */
  rows?: number
  height?: string
  /** Shown instead of a list in which nothing is. */
  empty?: ReactNode
  isEmpty?(data: T): boolean
  /** Shown where there is no such thing, or no longer; without it that is a failure as any other. */
  missing?(error: ApiError): ReactNode
  children(data: T): ReactNode
}

/**
 * Something read from the server, in whichever state it is: on its way, not to be had, gone, empty, or there. What was read
 * once stays in sight when a later look fails, with a quiet word of how old it is.
 */
export function Loaded<T>({ read, what, rows, height, empty, isEmpty = isNone, missing, children }: LoadedProps<T>) {
  const { data, error, refetch } = read
  if (missing && error instanceof ApiError && (error.status === 404 || error.status === 410)) return missing(error)
  if (data === undefined) {
    if (error) return <Failed what={what} error={error} onRetry={refetch} />
    return <Loading what={what} count={rows} height={height} />
  }
  return (
    <>
      {error && <Stale read={read} />}
      {empty && isEmpty(data) ? empty : children(data)}
    </>
  )
}

const isNone = (data: unknown) => Array.isArray(data) && data.length === 0

function Stale({ read: { error, dataUpdatedAt, refetch } }: { read: Read<unknown> }) {
  // What the server drew is as old as the page.
  const readAt = Math.max(dataUpdatedAt, performance.timeOrigin)
  return (
    <p role="status" className="mb-4 text-muted text-sm [overflow-wrap:anywhere]">
      Shown as it was <TimeAgo at={new Date(readAt).toISOString()} />. {sentenceOf(error)}{' '}
      <button type="button" onClick={() => refetch()} className="rounded text-accent underline underline-offset-2">
        Try again
      </button>
    </p>
  )
}

/** Several reads that are shown as one: there when all are, and as old as the oldest. */
export function together<T extends unknown[]>(...reads: { [K in keyof T]: Read<T[K]> }): Read<T> {
  return {
    data: reads.some(({ data }) => data === undefined) ? undefined : (reads.map(({ data }) => data) as T),
    error: reads.find(({ error }) => error)?.error ?? null,
    dataUpdatedAt: Math.min(...reads.map(({ dataUpdatedAt }) => dataUpdatedAt)),
    refetch: () => Promise.all(reads.map((read) => read.error && read.refetch())),
  }
}
