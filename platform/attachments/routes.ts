import { notFound } from '@mortise/contract/errors'
import { routes } from '@mortise/contract/platform-api/routes'
import { accountOf } from '../accounts/routes.js'
import { addonIn } from '../addons/routes.js'
import { appIn } from '../apps/routes.js'
import type { Db } from '../db/db.js'
import { type Context, type Handler, handle } from '../http/handle.js'
import type { Secrets } from '../secrets/seal.js'
import type { Attachment } from './attachment.js'
import { resolveAttachments, visibleAttachment } from './resolve.js'
import { findAttachment, listAttachmentsFor, listAttachmentsOfAddon, listAttachmentsOfApp } from './store.js'
import { attachmentView, attachmentViews } from './view.js'

export interface AttachmentDeps {
  db: Db
  secrets: Secrets
}

/** What can be read of attachments. Attaching and detaching make releases: see lifecycle/. */
export function attachmentRoutes({ db, secrets }: AttachmentDeps): Handler[] {
  const shown = ({ origin, include }: Context) => ({ origin, include, secrets })
  return [
    handle(routes.attachments.list, async (context) => {
      const account = await accountOf(db, context.asker)
      return attachmentViews(db, await listAttachmentsFor(db, account.id), shown(context))
    }),
    handle(routes.attachments.listOfApp, async (context) =>
      attachmentViews(
        db,
        (await listAttachmentsOfApp(db, appIn(context.subjects).id)).filter(seenBy(context)),
        shown(context),
      ),
    ),
    handle(routes.attachments.listOfAddon, async (context) => {
      const { asker, subjects } = context
      const all = await listAttachmentsOfAddon(db, addonIn(subjects).id)
      // The provider knows each app that has its resource; a customer learns no name of an app they may not see.
      if (!asker.account || asker.sudo) return attachmentViews(db, all, shown(context))
      const seen = new Set((await listAttachmentsFor(db, asker.account.id)).map((one) => one.id))
      return attachmentViews(
        db,
        all.filter((one) => seen.has(one.id)),
        shown(context),
      )
    }),
    handle(routes.attachments.infoOfApp, async (context) => {
      const attachment = await findAttachment(db, context.params.attachment, appIn(context.subjects).id)
      if (!attachment || !seenBy(context)(attachment)) throw notFound('add_on attachment')
      return attachmentView(db, attachment, shown(context))
    }),
    handle(routes.attachments.info, async (context) =>
      attachmentView(db, await visibleAttachment(db, context.asker, context.params.attachment), shown(context)),
    ),
    handle(routes.attachments.resolve, async (context) => {
      const { asker, body } = context
      const account = await accountOf(db, asker)
      const wanted = { attachment: body.addon_attachment, app: body.app, service: body.addon_service }
      return attachmentViews(db, await resolveAttachments(db, { ...asker, account }, wanted), shown(context))
    }),
  ]
}

/** On an app, a provider sees where its own service's add-ons are attached, and a person sees all. */
function seenBy({ asker, subjects }: Context): (attachment: Attachment) => boolean {
  if (asker.account) return () => true
  return (attachment) => attachment.serviceName === subjects.addon?.serviceName
}
