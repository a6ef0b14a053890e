import { expect, it } from 'vitest'
import { eventReader } from './event-stream.js'

it('reads events however they are cut into pieces', () => {
  const text = 'retry: 2000\n: following\n\nid: a.1\nevent: fact\ndata: {"a":\ndata: 1}\n\ndata:x\n\n'
  const wanted = [
    { type: 'fact', data: '{"a":\n1}', id: 'a.1' },
    { type: 'message', data: 'x', id: '' },
  ]
  for (const ends of ['\n', '\r\n', '\r']) {
    const sent = text.replaceAll('\n', ends)
    for (let size = 1; size <= sent.length; size++) {
      const read = eventReader()
      const events = []
      for (let at = 0; at < sent.length; at += size) events.push(...read(sent.slice(at, at + size)))
      // A lone carriage return at the end could be half of an end of line.
      events.push(...read(ends === '\r' ? ': more' : ''))
      expect(events, `${JSON.stringify(ends)}, pieces of ${size}`).toEqual(wanted)
    }
  }
})

it('takes a comment for no event', () => {
  expect(eventReader()(': still here\n\n')).toEqual([])
})
