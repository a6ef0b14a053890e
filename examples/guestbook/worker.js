import { openDatabase } from './database.js'

const database = openDatabase()
const pauseMs = 2_000

let isStopping = false
let wake = () => undefined
const pause = () =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, pauseMs)
    wake = () => {
      clearTimeout(timer)
      resolve()
    }
  })

process.once('SIGTERM', () => {
  isStopping = true
  wake()
})

if (!database) console.log('There is no database to count in yet; waiting')
let last
while (!isStopping) {
  try {
    const entries = await database?.count()
    if (entries !== last) console.log(`Counted ${entries} ${entries === 1 ? 'entry' : 'entries'}`)
    last = entries
  } catch (error) {
    console.error(`Could not count: ${error.message}`)
  }
  if (!isStopping) await pause()
}
await database?.close()
console.log('Stopped')
