import { Type } from '@sinclair/typebox'
import { route } from '../route.js'

const Document = Type.Object({}, { additionalProperties: true })

/** This API, described for programs. People find it under /docs/api. */
export const documentRoutes = {
  schema: route({
    method: 'GET',
    path: '/schema',
    title: "JSON hyper-schema in Heroku's dialect",
    permission: 'anyone',
    scope: 'identity',
    answer: Document,
    status: 200,
  }),
  openApi: route({
    method: 'GET',
    path: '/openapi.json',
    title: 'OpenAPI 3.1 document',
    permission: 'anyone',
    scope: 'identity',
    answer: Document,
    status: 200,
  }),
}
