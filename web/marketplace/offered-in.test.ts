import { expect, test } from 'vitest'
import { listed, notOffered, offeredIn } from './offered-in.js'

const regions = ['us', 'eu', 'tokyo']
const service = { human_name: 'Fast DB', regions: ['us', 'eu'] }
const mini = { human_name: 'Mini', regions: null }
const local = { human_name: 'Local', regions: ['us', 'tokyo'] }

test('a plan is offered where both it and its service are', () => {
  expect(offeredIn({ service, plan: undefined, regions })).toEqual(['us', 'eu'])
  expect(offeredIn({ service, plan: mini, regions })).toEqual(['us', 'eu'])
  expect(offeredIn({ service, plan: local, regions })).toEqual(['us'])
  expect(offeredIn({ service: { human_name: 'Old' }, plan: mini, regions })).toEqual(regions)
})

test('the reason names what is not offered, and where it is', () => {
  expect(notOffered({ service, plan: mini, regions }, 'eu')).toBeNull()
  expect(notOffered({ service, plan: local, regions }, 'tokyo')).toBe(
    'Fast DB is not offered in tokyo. It is offered in us.',
  )
  expect(notOffered({ service, plan: local, regions }, 'eu')).toBe(
    'The plan Local of Fast DB is not offered in eu. It is offered in us.',
  )
  expect(notOffered({ service, plan: { human_name: 'Far', regions: ['tokyo'] }, regions }, 'us')).toBe(
    'The plan Far of Fast DB is not offered in us. It is offered in no region of this installation.',
  )
  expect([listed([]), listed(['us']), listed(regions)]).toEqual(['', 'us', 'us, eu and tokyo'])
})
