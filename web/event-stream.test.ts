import { expect, it } from 'vitest'
import { comeBackAfterMs, eventReader, piecesOf } from './event-stream.js'

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

it('a body is read piece by piece, also where a letter comes in two of them', async () => {
  const bytes = new TextEncoder().encode('data: größer\n\n')
  const { body } = new Response(
    new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    }),
  )
  let text = ''
  for await (const piece of piecesOf(body as NonNullable<typeof body>)) text += piece
  expect(text).toBe('data: größer\n\n')
})

it('whoever comes back waits longer each time, up to a bound, and at least as long as was asked', () => {
  const wait = { first: 1_000, most: 20_000 }
  for (const [failures, middle] of [
    [1, 1_000],
    [3, 4_000],
    [30, 20_000],
  ] as const) {
    const ms = comeBackAfterMs(failures, wait)
    expect(ms).toBeGreaterThanOrEqual(middle / 2)
    expect(ms).toBeLessThanOrEqual(middle * 1.5)
  }
  expect(comeBackAfterMs(1, wait, 60_000)).toBeGreaterThanOrEqual(30_000)
})
