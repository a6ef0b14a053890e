import { expect, it } from 'vitest'
import { streamEvents } from './log-stream.js'

async function read(...pieces: string[]) {
  async function* chunks() {
    for (const piece of pieces) yield Buffer.from(piece, 'latin1')
  }
  const events = []
  for await (const event of streamEvents(chunks())) events.push(event)
  return events
}

it('messages are read whole, however the network cuts them', async () => {
  const text = 'id: 1\ndata: one\n\n: beat\n\nid: 2\r\ndata: a\r\ndata:b\r\n\r\n'
  const expected = [
    { id: '1', data: 'one' },
    { id: '2', data: 'a\nb' },
  ]
  expect(await read(text)).toEqual(expected)
  expect(await read(...text)).toEqual(expected)
})

it('letters of several bytes survive a cut in their middle', async () => {
  const bytes = Buffer.from('data: Grüße\n\n').toString('latin1')
  expect(await read(...bytes)).toEqual([{ data: 'Grüße' }])
})

it('a message that was not ended is not shown: it comes again after a reconnect', async () => {
  expect(await read('id: 1\ndata: one\n\nid: 2\ndata: hal')).toEqual([{ id: '1', data: 'one' }])
})
