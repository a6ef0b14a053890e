/** One message of a server-sent event stream. */
export interface StreamEvent {
  id?: string
  data: string
}

/** Longest text that one message may have before it is cut; a server that never ends a line can't fill memory. */
const dataCharsMax = 64 * 1024

/**
 * Reads server-sent events. Source: the HTML standard, section "Server-sent events": lines end with LF, CR or
 * CRLF, a blank line ends a message, `data:` lines are joined, comments start with a colon.
 */
export async function* streamEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let data: string[] = []
  let id: string | undefined
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    // A CR at the very end may be half of a CRLF: it waits for what follows.
    const held = rest.endsWith('\r') ? '\r' : ''
    const lines = (held ? rest.slice(0, -1) : rest).split(/\r\n|\n|\r/)
    rest = lines.pop()!.slice(0, dataCharsMax) + held
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield id === undefined ? { data: data.join('\n') } : { id, data: data.join('\n') }
        data = []
        continue
      }
      const [, field, value] = /^([^:]*):? ?([\s\S]*)$/.exec(line)!
      if (field === 'data') data.push(value!)
      else if (field === 'id') id = value
    }
  }
}
