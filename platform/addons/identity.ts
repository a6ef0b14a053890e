/** `guestbook::DATABASE` names an attachment of an app from anywhere. Null when the text is not of that form. */
export function readScoped(identity: string): { app: string; attachment: string } | null {
  const [app, attachment, ...rest] = identity.split('::')
  return app && attachment && rest.length === 0 ? { app, attachment } : null
}
