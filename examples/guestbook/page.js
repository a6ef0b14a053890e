/** For people: the app's name in the sentence about the missing database. */
const appName = process.env.HEROKU_APP_NAME || '<app>'

export const noDatabase = `This guestbook has no database yet. heroku addons:create mortise-postgresql:mini -a ${appName}`

const escaped = (text) => String(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

export function guestbookPage({ entries, counted, problem }) {
  const list = entries?.length
    ? `<ol class="entries">${entries.map(entryItem).join('')}</ol>`
    : entries && '<p class="quiet">Nobody has written yet. Be the first.</p>'
  return layout(`
    <p class="quiet">${counted === undefined ? 'The worker has not counted yet.' : `The worker counts ${counted} ${counted === 1 ? 'entry' : 'entries'}.`}</p>
    ${problem ? `<p class="notice" role="alert">${escaped(problem)}</p>` : ''}
    <form method="post" action="/entries">
      <label>Your name <input name="name" required maxlength="80" autocomplete="name"></label>
      <label>Your message <textarea name="message" required maxlength="1000" rows="3"></textarea></label>
      <button>Sign the guestbook</button>
    </form>
    ${list ?? ''}`)
}

export function noDatabasePage() {
  const [sentence, command] = noDatabase.split('. ')
  return layout(`
    <div class="notice">
      <p><strong>${escaped(sentence)}.</strong> Add one, and the app restarts with it:</p>
      <p><code>${escaped(command)}</code></p>
    </div>`)
}

export const errorPage = (sentence) =>
  layout(`<p class="notice" role="alert">${escaped(sentence)}</p><p><a href="/">Back to the guestbook</a></p>`)

function entryItem({ name, message, created_at }) {
  const when = created_at.slice(0, 16).replace('T', ' ')
  return `<li><p class="message">${escaped(message)}</p><p class="quiet">${escaped(name)} · <time datetime="${created_at}">${when} UTC</time></p></li>`
}

const layout = (body) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Guestbook</title>
<style>
  :root { --paper: #fbf8f1; --card: #fff; --ink: #2b2620; --quiet: #756c60; --line: #e6dfd1; --accent: #8a3b2b; --on-accent: #fff }
  @media (prefers-color-scheme: dark) { :root { --paper: #1c1917; --card: #262220; --ink: #efe8dd; --quiet: #a79c8d; --line: #3b3531; --accent: #e08a75; --on-accent: #1c1917 } }
  * { box-sizing: border-box }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.55 Georgia, 'Times New Roman', serif }
  main { max-width: 38rem; margin: 0 auto; padding: 3rem 1.25rem 4rem }
  h1 { margin: 0; font-size: 2.2rem; letter-spacing: -.01em }
  .quiet { margin: .25rem 0; color: var(--quiet); font-size: .9rem }
  form, .notice, .entries li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem }
  form { display: grid; gap: .75rem; margin: 1.5rem 0 }
  label { display: grid; gap: .25rem; font-size: .9rem; color: var(--quiet) }
  input, textarea { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: .5rem .6rem; width: 100%; resize: vertical }
  button { justify-self: start; font: inherit; padding: .5rem 1.1rem; border: 0; border-radius: 6px; background: var(--accent); color: var(--on-accent); cursor: pointer }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
  .notice { margin: 1.5rem 0; border-left: 4px solid var(--accent) }
  .notice p { margin: .35rem 0 } code { font-size: .85rem; overflow-wrap: anywhere }
  .entries { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem }
  .message { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
  a { color: var(--accent) }
</style>
<main>
<h1>Guestbook</h1>
${body}
</main>
</html>
`
