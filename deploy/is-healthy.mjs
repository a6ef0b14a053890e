// For a container's health check: 0 while the server and its database answer, else 1.
const port = process.env.MORTISE_PORT || '5055'
try {
  const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(4_000) })
  process.exitCode = answer.ok ? 0 : 1
} catch {
  process.exitCode = 1
}
