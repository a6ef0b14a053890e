import type { Attachment as WireAttachment } from '@mortise/contract/platform-api/addons'
import { timestamp } from '@mortise/contract/platform-api/shared'
import { logInputContext, logInputUrl } from '../addons/log-input.js'
import { ssoLink } from '../addons/view.js'
import type { Db } from '../db/db.js'
import type { Secrets } from '../secrets/seal.js'
import type { Attachment } from './attachment.js'
import { configNamesOf } from './store.js'

export interface AttachmentViewContext {
  /** Scheme, host and port of the links. */
  origin: string
  /** Values of Accept-Inclusion: `addon:plan`, `config_vars`. */
  include: ReadonlySet<string>
  /** Left out where log inputs are not to be told: in webhooks. */
  secrets?: Secrets
}

/** Records as the wire has them, in the order given; the number of questions does not grow with the list. */
export async function attachmentViews(
  db: Db,
  attachments: readonly Attachment[],
  { origin, include, secrets }: AttachmentViewContext,
): Promise<WireAttachment[]> {
  const configNames = include.has('config_vars') ? await configNamesOf(db, attachments) : null
  return attachments.map((attachment) => ({
    addon: {
      // The billing app is gone only while its add-ons are being removed; then this app is the one left to name.
      app: {
        id: attachment.billingAppId ?? attachment.appId,
        name: attachment.billingAppName ?? attachment.appName,
      },
      id: attachment.addonId,
      name: attachment.addonName,
      ...(include.has('addon:plan') ? { plan: { id: attachment.planId, name: attachment.planName } } : {}),
    },
    app: { id: attachment.appId, name: attachment.appName },
    ...(configNames ? { config_vars: configNames.get(attachment.id) ?? [] } : {}),
    created_at: timestamp(attachment.createdAt),
    id: attachment.id,
    log_input_url:
      secrets && attachment.sealedLogInput
        ? logInputUrl(
            origin,
            secrets.open(attachment.sealedLogInput, logInputContext(attachment.addonId, attachment.appId)),
          )
        : null,
    name: attachment.name,
    namespace: attachment.namespace,
    updated_at: timestamp(attachment.updatedAt),
    web_url: ssoLink(origin, attachment.appName, attachment.addonName),
  }))
}

export async function attachmentView(
  db: Db,
  attachment: Attachment,
  context: AttachmentViewContext,
): Promise<WireAttachment> {
  const [view] = await attachmentViews(db, [attachment], context)
  return view as WireAttachment
}
