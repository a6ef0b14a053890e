// Reads what vitest's JSON reporter left, says once more what failed, and prints `N passed, N failed[, N skipped]` last.
//   node test/say-results.mjs RESULTS.json EXIT_CODE [PASSED FAILED]     the last two are added: checks before the tests
import fs from 'node:fs'
import process from 'node:process'
import { stripVTControlCharacters } from 'node:util'

const [file, code, passedBefore = '0', failedBefore = '0'] = process.argv.slice(2)
const linesMax = 12
const lineMax = 300

/** A log is often cut to its last part, so each failure stands there with the beginning of its reason. */
function say(suite, title, reason) {
  const lines = stripVTControlCharacters(reason ?? '')
    .split('\n')
    .filter((line) => !line.includes('/node_modules/'))
    .slice(0, linesMax)
  console.log(`  FAIL  ${suite.name.replace(`${process.cwd()}/`, '')} > ${title}`)
  for (const line of lines) console.log(`  FAIL  | ${line.slice(0, lineMax)}`)
}

let passed = 0
let failed = 0
let skipped = 0
try {
  const run = JSON.parse(fs.readFileSync(file, 'utf8'))
  passed = run.numPassedTests
  failed = run.numFailedTests
  skipped = run.numPendingTests + run.numTodoTests
  for (const suite of run.testResults) {
    const wrong = suite.assertionResults.filter((one) => one.status === 'failed')
    for (const one of wrong) say(suite, one.fullName, one.failureMessages.join('\n'))
    if (suite.status !== 'failed' || wrong.length > 0) continue
    // A file that could not even be loaded, or that fails when it cleans up, has no test that says so.
    failed++
    say(suite, 'the file itself', suite.message)
  }
} catch (error) {
  console.log(`  FAIL  The tests left no result: ${error.message}`)
}
if (code !== '0' && failed === 0) failed = 1
passed += Number(passedBefore)
failed += Number(failedBefore)
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed === 0 ? 0 : 1
