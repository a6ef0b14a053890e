import type { ServerResponse } from 'node:http'

/** A small page for people who came to an address where there is no app. Text only: it is escaped here. */
export function page(res: ServerResponse, status: number, title: string, text: string): void {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif }
  main { max-width: 32rem; margin: 20vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.5rem }
</style>
<main>
  <h1>${escaped(title)}</h1>
  <p>${escaped(text)}</p>
</main>
</html>
`
  res
    .writeHead(status, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      'Cache-Control': 'no-store',
    })
    .end(body)
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)
}
