import type { Session } from '@mortise/provider/serve'
import type { Shelf } from './shelves.js'

/**
 * The page behind single sign-on, under the platform's header. Whoever is here has no account with you, so it shows no
 * password to change, no bill and no log out.
 */
export function shelfPage(session: Session, shelf: Shelf, platform: string): string {
  const keys = Object.keys(shelf.values).sort()
  const list = keys.length ? `<ul>${keys.map((key) => `<li>${safe(key)}</li>`).join('')}</ul>` : '<p>No keys yet.</p>'
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Fast DB</title>
    <link rel="stylesheet" href="${safe(platform)}/nav/v1/header.css">
    <script src="${safe(platform)}/nav/v1/header.js" data-app="${safe(session.app)}" data-addon="${safe(session.addon)}" defer></script>
  </head>
  <body>
    <main>
      <h1>${safe(session.addon)}</h1>
      <p>For the app ${safe(session.app)}.</p>
      ${list}
    </main>
  </body>
</html>
`
}

/** For text between tags and inside quotes. */
function safe(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
