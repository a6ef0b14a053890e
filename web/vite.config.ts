import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const pages = ['/marketplace', '/dashboard', '/operator', '/portal', '/sign-in']
const server = process.env['MORTISE_HOST'] ?? 'http://localhost:5055'

/** A person's page is served from here while developing; everything else is asked of a running Mortise. */
function isPage(path: string): boolean {
  const ours = /^\/(@|assets\/|node_modules\/|[\w./-]+\.(tsx?|css|svg|html)(\?|$))/
  return path === '/' || ours.test(path) || pages.some((page) => path.startsWith(page))
}

/**
 * What the routes are called is for the API's documents; a page only calls them. It spares each first load some kilobytes. A
 * route's title stands behind its path: other things in there have titles that pages show.
 */
const withoutTitles = {
  name: 'without-titles',
  transform(code: string, id: string) {
    if (!/\/contract\/platform-api\/[\w-]+\.ts$/.test(id)) return null
    return { code: code.replace(/(\bpath: ?\n? *[^\n]+\n *)title: ?\n? *(['"`])(?:(?!\2)[^\\\n])*\2,/g, '$1'), map: null }
  },
}

export default defineConfig({
  plugins: [withoutTitles, react(), tailwindcss()],
  resolve: {
    conditions: ['mortise-source', 'module', 'browser', 'development|production'],
    alias: { '@sinclair/typebox': fileURLToPath(new URL('./no-schema.ts', import.meta.url)) },
  },
  // What the server draws the marketplace with has the contract's sources too.
  ssr: { resolve: { conditions: ['mortise-source', 'node', 'module', 'production'] } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // No data: URLs, so that the pages can be served under default-src 'self'.
    assetsInlineLimit: 0,
    // light-dark() is kept as written: every browser of the last two years knows it.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
  server: {
    proxy: {
      '^/.*': {
        target: server,
        changeOrigin: true,
        bypass: (request) => (isPage(request.url ?? '/') ? request.url : undefined),
      },
    },
  },
})
