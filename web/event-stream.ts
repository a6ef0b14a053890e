export interface StreamEvent {
  type: string
  data: string
  /** Empty when the event has none. */
  id: string
}

/**
 * Reads server-sent events piece by piece, as a browser's EventSource does, which can send no header along and tells
 * nobody why it was refused. Source: the HTML standard, "Server-sent events".
 * @returns takes the next piece, gives the events that it completes; a comment alone is none
 */
export function eventReader(): (piece: string) => StreamEvent[] {
  let rest = ''
  let event = { type: 'message', data: [] as string[], id: '' }
  return (piece) => {
    const events: StreamEvent[] = []
    // The end of a line may come in two pieces, so a carriage return waits for what follows it.
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (event.data.length) events.push({ ...event, data: event.data.join('\n') })
        event = { type: 'message', data: [], id: '' }
        continue
      }
      const colon = line.indexOf(':')
      if (colon === 0) continue
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'data') event.data.push(value)
      else if (field === 'event') event.type = value
      else if (field === 'id') event.id = value
    }
    return events
  }
}

/** An answer's text piece by piece, as it comes; ends with the answer, and throws when it breaks off. */
export async function* piecesOf(body: NonNullable<Response['body']>): AsyncGenerator<string> {
  const pieces = body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await pieces.read()
    if (done) return
    yield value
  }
}

/** Milliseconds until a stream that broke is opened again: later each time, and not when everybody else comes back. */
export function comeBackAfterMs(
  failures: number,
  { first, most }: { first: number; most: number },
  atLeastMs = 0,
): number {
  const backOff = Math.min(most, first * 2 ** (failures - 1))
  return Math.max(atLeastMs, backOff) * (0.5 + Math.random())
}
