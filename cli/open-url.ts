import { spawn } from 'node:child_process'
import { Failure } from './failure.js'

/**
 * Shows a page in the person's browser.
 * @returns false when there is no browser to open; the caller then prints the address
 * @throws Failure for an address that is no web page: it would start some other program
 */
export async function openInBrowser(address: string, env: Record<string, string | undefined>): Promise<boolean> {
  const url = webAddress(address)
  const opener = openerFor(process.platform, env)
  if (!opener) return false
  const [command, ...args] = opener
  return await new Promise((resolve) => {
    const child = spawn(command!, [...args, url], { detached: true, stdio: 'ignore' })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}

export function webAddress(address: string): string {
  let url: URL | undefined
  try {
    url = new URL(address)
  } catch {
    // Said below, together with addresses that are no web pages.
  }
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Failure(`The server gave an address that is no web page: ${address}`)
  }
  return url.href
}

function openerFor(platform: string, env: Record<string, string | undefined>): string[] | undefined {
  if (env['BROWSER']) return env['BROWSER'].split(' ').filter(Boolean)
  if (platform === 'darwin') return ['open']
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler']
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open'] : undefined
}
