import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { tarEnd, tarHeader, tarPadding } from '../platform/backup/tar.js'
import type { DownloadAnswer } from '../platform/http/outbound.js'
import type { Random } from './random.js'
import type { Schedule } from './schedule.js'
import type { Story } from './story.js'

/** Somebody's server with archives of source, each with an app.json. */
export interface Archives {
  /** How likely it hands over nothing. */
  refuses: number
  /** @returns the address of a new one */
  put(description: unknown): string
  open(owner: string, url: string): Promise<DownloadAnswer>
}

export function simulatedArchives(around: { schedule: Schedule; random: Random; story: Story }): Archives {
  const { schedule, random, story } = around
  const kept = new Map<string, Buffer>()

  const archives: Archives = {
    refuses: 0,
    put(description) {
      const text = typeof description === 'string' ? description : JSON.stringify(description)
      const file = Buffer.from(text)
      const parts = [tarHeader('app.json', file.length, schedule.now()), file, tarPadding(file.length), tarEnd()]
      const url = `http://127.0.0.1:9/archives/${random.uuid()}.tgz`
      kept.set(url, gzipSync(Buffer.concat(parts)))
      return url
    },
    async open(owner, url) {
      await schedule.wait(owner, 'an archive', random.between(20, 5_000))
      const archive = kept.get(url)
      if (!archive || random.happens(archives.refuses)) {
        story.reached('fault', 'app.setup:read app.json · the archive is not handed over')
        return { got: 'refused', reason: 'it answered 503' }
      }
      // To unpack it is real work of other threads: the world stands still until whoever reads lets go of it.
      const body = new Readable({ autoDestroy: false, read: () => undefined })
      body.push(archive)
      body.push(null)
      void schedule.io(() => new Promise<void>((done) => body.once('close', done)))
      return { got: 'stream', body }
    },
  }
  return archives
}
