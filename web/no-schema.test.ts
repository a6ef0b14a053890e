import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

test('the whole route table loads in the pages without the library that its schemas are made with', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: "export { routes } from '@mortise/contract/platform-api/routes'",
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    alias: { '@sinclair/typebox': fileURLToPath(new URL('./no-schema.ts', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    conditions: ['mortise-source'],
  })
  const text = outputFiles[0]?.text ?? ''
  const { routes } = await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`)
  expect(routes.addons.create).toMatchObject({ method: 'POST', path: '/apps/:app/addons' })
})
