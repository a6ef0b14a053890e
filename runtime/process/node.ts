import fs from 'node:fs/promises'
import path from 'node:path'
import { type Account, makePassage, obstacle } from './account.js'

/**
 * The folder with a `node` (and `npm`, when ours has one) that the account can run. When our own node lies where others
 * can't go (a version manager in root's home), it is copied below `dir`, once per version.
 */
export async function reachableNode(dir: string, node = process.execPath, account?: Account | null): Promise<string> {
  const real = await fs.realpath(node)
  // The folder of the file itself, not of a link to it, which may lie where the account can't go.
  if (!(await obstacle(real, account))) return path.dirname(path.basename(real) === 'node' ? real : node)
  const copy = path.join(dir, 'node')
  const bin = path.join(copy, 'bin')
  const mark = path.join(copy, 'from')
  const stat = await fs.stat(real)
  const from = `${real} ${stat.size} ${stat.mtimeMs}`
  if ((await fs.readFile(mark, 'utf8').catch(() => '')) === from) return bin
  await fs.rm(copy, { recursive: true, force: true })
  await makePassage(copy)
  await fs.mkdir(bin)
  await fs.copyFile(real, path.join(bin, 'node'), fs.constants.COPYFILE_FICLONE)
  await fs.chmod(path.join(bin, 'node'), 0o755)
  const npm = path.resolve(path.dirname(real), '../lib/node_modules/npm')
  if (await fs.stat(npm).catch(() => undefined)) {
    await fs.cp(npm, path.join(copy, 'lib/node_modules/npm'), { recursive: true })
    for (const name of ['npm', 'npx'])
      await fs.symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, path.join(bin, name))
  }
  // Written last: a copy that was cut short is made again.
  await fs.writeFile(mark, from)
  return bin
}
