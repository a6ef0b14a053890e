import fs from 'node:fs'

/** Puts a folder's list of names on disk: without it a power cut may undo a rename that was just made. */
export function syncFolder(folder: string): void {
  const fd = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
