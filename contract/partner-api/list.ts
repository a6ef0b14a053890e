import { type Static, Type } from '@sinclair/typebox'

/**
 * Our extension, for services whose manifest says `api.lists_resources`: what the provider still keeps anything of.
 * GET <base_url>?limit=N, then with `&after=<next>` until `next` is null; with the headers of the other calls. It names
 * resources that are being made or removed, too, and none whose removal was confirmed: that is what 204 and 410 say.
 */
export const ListedResource = Type.Object({
  uuid: Type.Optional(
    Type.Union([Type.String(), Type.Null()], { description: 'by which the platform asked for it; v1 may not know it' }),
  ),
  id: Type.Optional(
    Type.Union([Type.String({ minLength: 1 }), Type.Integer(), Type.Null()], {
      description: 'as answered to the provision; by it, v1 removes',
    }),
  ),
})
export type ListedResource = Static<typeof ListedResource>

export const ListAnswer = Type.Object({
  resources: Type.Array(ListedResource),
  next: Type.Optional(
    Type.Union([Type.String({ minLength: 1, maxLength: 1000 }), Type.Null()], {
      description: 'opaque; null or left out on the last page',
    }),
  ),
})
export type ListAnswer = Static<typeof ListAnswer>

/** Resources on a page, by the platform's `limit`. A provider may put fewer on it. */
export const listPageMax = 500
