import { notFound } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { plainText } from '@mortise/contract/manifest/plain-text'
import { attemptsShownMax } from '@mortise/contract/platform-api/provider-portal'
import { routes } from '@mortise/contract/platform-api/routes'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { serviceOf } from '../catalog/guard.js'
import { type Handler, handle } from '../http/handle.js'
import { resend } from './resend.js'
import type { WebhookRouteDeps } from './routes.js'
import { listServiceDeliveries, listServiceWebhooks } from './service-store.js'
import { deliveryView } from './view.js'

const shownMax = 200
const answerCharsShownMax = 500

/** A provider looks at the webhooks of all its add-ons together: by their grants' tokens it sees one add-on's at a time. */
export function serviceWebhookRoutes({ db, world }: Pick<WebhookRouteDeps, 'db' | 'world'>): Handler[] {
  return [
    handle(routes.providerPortal.webhooks, async ({ subjects }) =>
      (await listServiceWebhooks(db, serviceOf(subjects).id, shownMax)).map((one) => ({
        addon: one.addon,
        created_at: timestamp(one.createdAt),
        failing_since: one.failingSince && timestamp(one.failingSince),
        id: one.id,
        include: one.include,
        level: one.level,
        updated_at: timestamp(one.updatedAt),
        url: one.url,
      })),
    ),
    handle(routes.providerPortal.deliveries, async ({ subjects }) => {
      const most = { deliveries: shownMax, attempts: attemptsShownMax, answerChars: answerCharsShownMax }
      const all = await listServiceDeliveries(db, serviceOf(subjects).id, most)
      return all.map(({ addon, attempts, url, ...delivery }) => ({
        ...deliveryView(delivery),
        addon,
        attempts: attempts.map(({ answer, at, code, errorClass, number }) => ({
          // Whoever listens there wrote it: no control bytes.
          answer: answer === null ? null : plainText(answer, answerCharsShownMax),
          at: timestamp(new Date(at)),
          code,
          error_class: errorClass,
          number,
        })),
        url,
      }))
    }),
    handle(routes.providerPortal.retryDelivery, async ({ subjects, params }) => {
      const { delivery: id } = params
      if (!isUuid(id)) throw notFound('webhook_delivery')
      return deliveryView(await resend({ db, world }, { service: serviceOf(subjects) }, id))
    }),
  ]
}
