import path from 'node:path'

/** PATH of a dyno or build: the folder of node first, then what every system has. */
export const searchPath = (nodeFolder: string, given?: string) =>
  given ?? [...new Set([nodeFolder, '/usr/local/bin', '/usr/bin', '/bin'])].join(path.delimiter)
