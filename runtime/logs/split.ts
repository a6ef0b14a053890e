import { StringDecoder } from 'node:string_decoder'
import { lineBytesMax } from './logs.js'

/**
 * Cuts a stream of bytes into lines. A line longer than `bytesMax` comes in pieces, so a process that never writes a
 * newline can't fill our memory. `end()` gives what is left.
 */
export function splitLines(onLine: (text: string) => void, bytesMax = lineBytesMax) {
  // A chunk may end in the middle of a character; the decoder keeps the half for the next one.
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    rest += text
    let from = 0
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
      give(rest.slice(from, end))
      from = end + 1
    }
    rest = rest.slice(from)
    while (rest.length >= bytesMax) {
      onLine(rest.slice(0, bytesMax))
      rest = rest.slice(bytesMax)
    }
  }
  const give = (line: string) => {
    let text = line.endsWith('\r') ? line.slice(0, -1) : line
    while (text.length > bytesMax) {
      onLine(text.slice(0, bytesMax))
      text = text.slice(bytesMax)
    }
    onLine(text)
  }
  return {
    write: (chunk: Buffer) => take(decoder.write(chunk)),
    end() {
      take(decoder.end())
      if (rest) give(rest)
      rest = ''
    },
  }
}
