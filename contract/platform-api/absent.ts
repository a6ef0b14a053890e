import { Type } from '@sinclair/typebox'
import { route } from '../route.js'
import { Uuid } from './shared.js'

// Nouns that the API knows and this platform has none of. Clients list them beside what they came for, so the lists are
// there and empty; a single one is not found, and making one is refused.

const Thing = Type.Object({ id: Uuid })
const none = {
  permission: 'account',
  scope: 'read',
  answer: Type.Array(Thing),
  status: 200,
  list: { fields: ['id'] },
} as const
const one = { permission: 'account', answer: Thing, status: 200 } as const

export const pipelineRoutes = {
  list: route({ ...none, method: 'GET', path: '/pipelines', title: 'Pipeline list; there are none' }),
  create: route({ ...one, method: 'POST', path: '/pipelines', title: 'Pipeline create; refused', scope: 'write' }),
  info: route({ ...one, method: 'GET', path: '/pipelines/:pipeline', title: 'Pipeline info; 404', scope: 'read' }),
  update: route({
    ...one,
    method: 'PATCH',
    path: '/pipelines/:pipeline',
    title: 'Pipeline update; 404',
    scope: 'write',
  }),
  remove: route({
    ...one,
    method: 'DELETE',
    path: '/pipelines/:pipeline',
    title: 'Pipeline delete; 404',
    scope: 'write',
  }),
  couplings: route({ ...none, method: 'GET', path: '/pipeline-couplings', title: 'Pipeline coupling list; none' }),
  couplingsOfUser: route({
    ...none,
    method: 'GET',
    path: '/users/:user/pipeline-couplings',
    title: 'Pipeline coupling list of a user; there are none',
  }),
  couplingsOfTeam: route({
    ...none,
    permission: 'team.view',
    method: 'GET',
    path: '/teams/:team/pipeline-couplings',
    title: 'Pipeline coupling list of a team; there are none',
  }),
  couplingsOfPipeline: route({
    ...none,
    method: 'GET',
    path: '/pipelines/:pipeline/pipeline-couplings',
    title: 'Pipeline coupling list of a pipeline; 404',
  }),
  couple: route({
    ...one,
    method: 'POST',
    path: '/pipeline-couplings',
    title: 'Pipeline coupling create; refused',
    scope: 'write',
  }),
  coupling: route({
    ...one,
    method: 'GET',
    path: '/pipeline-couplings/:coupling',
    title: 'Pipeline coupling info; 404',
    scope: 'read',
  }),
  uncouple: route({
    ...one,
    method: 'DELETE',
    path: '/pipeline-couplings/:coupling',
    title: 'Pipeline coupling delete; 404',
    scope: 'write',
  }),
}

export const spaceRoutes = {
  list: route({ ...none, method: 'GET', path: '/spaces', title: 'Space list; there are none' }),
  listOfTeam: route({
    ...none,
    permission: 'team.view',
    method: 'GET',
    path: '/teams/:team/spaces',
    title: 'Space list of a team; there are none',
  }),
  create: route({ ...one, method: 'POST', path: '/spaces', title: 'Space create; refused', scope: 'write' }),
  info: route({ ...one, method: 'GET', path: '/spaces/:space', title: 'Space info; 404', scope: 'read' }),
  enterprises: route({ ...none, method: 'GET', path: '/enterprise-accounts', title: 'Enterprise account list; none' }),
  enterprise: route({
    ...one,
    method: 'GET',
    path: '/enterprise-accounts/:enterprise',
    title: 'Enterprise account info; 404',
    scope: 'read',
  }),
}

export const imageRoutes = {
  create: route({
    method: 'POST',
    path: '/apps/:app/oci-images',
    title: 'OCI image create; refused, since apps run from slugs',
    permission: 'app.deploy',
    scope: 'write',
    answer: Thing,
    status: 201,
  }),
  info: route({
    method: 'GET',
    path: '/apps/:app/oci-images/:image',
    title: 'OCI image info; 404',
    permission: 'app.view',
    scope: 'read',
    answer: Thing,
    status: 200,
  }),
}
