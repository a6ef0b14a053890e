import fs from 'node:fs'

const logBytesMax = 8 * 1024 * 1024
const trimEveryMs = 60_000

export interface LogFile {
  fd: number
  /** What was written since the mark was set (at opening, or by `mark`). */
  sinceMark(): string
  mark(): void
  close(): void
}

/**
 * Opens the server's log for the server to write to by itself: a pipe through us would fill up whenever we are busy,
 * and would break when we die. It is kept near 8 MB: what is older is in `<file>.1`, what is older still is gone.
 */
export function openLog(file: string, log: (line: string) => void): LogFile {
  const fd = fs.openSync(file, 'a', 0o600)
  const trim = () => {
    try {
      if (fs.fstatSync(fd).size <= logBytesMax) return
      // Copied and emptied, not renamed: the server holds it open. It appends, so the next line lands at the new end.
      fs.copyFileSync(file, `${file}.1`)
      fs.chmodSync(`${file}.1`, 0o600)
      fs.ftruncateSync(fd)
    } catch (error) {
      log(`The log ${file} could not be shortened: ${(error as Error).message}`)
    }
  }
  trim()
  const timer = setInterval(trim, trimEveryMs).unref()
  let from = fs.fstatSync(fd).size
  return {
    fd,
    sinceMark: () => fs.readFileSync(file).subarray(from).toString('utf8'),
    mark: () => {
      from = fs.fstatSync(fd).size
    },
    close: () => {
      clearInterval(timer)
      fs.closeSync(fd)
    },
  }
}
