import { notFound, WireError } from '@mortise/contract/errors'
import { isUuid } from '@mortise/contract/identity'
import { readScoped } from '../addons/identity.js'
import { nearNames } from '../apps/near.js'
import { guardApp } from '../apps/guard.js'
import type { Db } from '../db/db.js'
import type { Asker } from '../http/handle.js'
import type { Attachment } from './attachment.js'
import { findAttachment, listAttachmentsFor, listAttachmentsOfApp } from './store.js'

export interface Wanted {
  /** An id, a name, `app::NAME`, or on a given app the name of a config var that it sets. Exact, never a part. */
  attachment: string
  app?: string | null
  /** Only attachments of this service's add-ons. */
  service?: string | null
}

/**
 * Every attachment that the words may mean, in apps that the account may see.
 * @throws WireError 404 that says what was looked for and what is near
 */
export async function resolveAttachments(
  db: Db,
  asker: Asker & { account: { id: string } },
  wanted: Wanted,
): Promise<Attachment[]> {
  const scoped = readScoped(wanted.attachment)
  const appName = scoped?.app ?? wanted.app ?? null
  const app = appName === null ? null : await guardApp(db, asker, appName, 'view')
  const identity = scoped?.attachment ?? wanted.attachment
  const all = app ? await listAttachmentsOfApp(db, app.id) : await listAttachmentsFor(db, asker.account.id)
  const candidates = all.filter((one) => !wanted.service || one.serviceName === wanted.service)

  const name = identity.toUpperCase()
  const readings: ((one: Attachment) => boolean)[] = [
    (one) => one.id === identity.toLowerCase(),
    (one) => one.name === name,
    // `DATABASE_URL` is what people see in their config. Without an app it would mean too much.
    (one) => app !== null && Object.values(one.configNames).includes(name),
  ]
  for (const reading of readings) {
    const found = candidates.filter(reading)
    if (found.length) return found
  }
  const near = nearNames(
    identity,
    candidates.map((one) => one.name),
  )
  const text = `Looked for "${identity.slice(0, 100)}"${app ? ` on ${app.name}` : ''}.`
  throw notFound('add_on attachment', near.length ? `${text} Did you mean ${near.join(', ')}?` : text)
}

/** By id, or as `app::NAME`, in an app that the asker may see. @throws WireError 404 */
export async function visibleAttachment(db: Db, asker: Asker, identity: string): Promise<Attachment> {
  const scoped = readScoped(identity)
  const app = scoped && (await guardApp(db, asker, scoped.app, 'view'))
  const attachment = app
    ? await findAttachment(db, scoped.attachment, app.id)
    : isUuid(identity)
      ? await findAttachment(db, identity)
      : undefined
  if (!attachment) throw notFound('add_on attachment')
  if (!app) {
    await guardApp(db, asker, attachment.appId, 'view').catch((error: unknown) => {
      throw error instanceof WireError ? notFound('add_on attachment') : error
    })
  }
  return attachment
}
