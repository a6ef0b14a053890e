// What was not expected goes to the add-on mortise-exceptions, when the app has one. Never throws and never waits long:
// an app must not fail because its reporter does.
const { EXCEPTIONS_URL: url, EXCEPTIONS_API_KEY: key } = process.env

export async function report(error) {
  console.error(error.message)
  if (!url) return
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: error.name, message: error.message, stack: error.stack }),
      signal: AbortSignal.timeout(3000),
    })
    if (!answer.ok) console.error(`The report was answered ${answer.status}`)
  } catch (failure) {
    console.error(`The report could not be sent: ${failure.message}`)
  }
}
