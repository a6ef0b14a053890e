/** Why a dyno crashed, in words, from the platform's lines about it; null when they don't say. */
export function crashReason(lines: readonly string[]): string | null {
  for (const line of [...lines].reverse()) {
    const error = /Error (R\d+) \(([^)]+)\)/.exec(line)
    if (error) return errors[error[1] ?? ''] ?? `${error[2]} (${error[1]}).`
    const exit = /Process exited with status (\d+)/.exec(line)
    if (exit) return ofStatus(Number(exit[1]))
  }
  return null
}

/** Source: Dev Center, "Heroku Error Codes". */
const errors: Record<string, string> = {
  R10: 'It did not listen on $PORT in time. A web process must bind to the port in its environment within a minute.',
  R12: 'It did not end in time after it was told to, and was killed.',
  R14: 'It uses more memory than its size has.',
  R15: 'It used far more memory than its size has, and was killed.',
}

function ofStatus(status: number): string {
  if (status === 0) return 'It ended by itself without an error. A dyno is meant to keep running.'
  if (status === 127)
    return 'Its command was not found (status 127). Look at the Procfile, and at what the build installs.'
  if (status === 126) return 'Its command may not be run (status 126). Make the file executable.'
  if (status === 137) return 'It was killed (status 137), most often because there was no memory left.'
  if (status === 139) return 'It broke memory’s rules (status 139), most often in a native module.'
  if (status === 143) return 'It was told to end (status 143).'
  return `It ended with status ${status}. Its log says why.`
}
