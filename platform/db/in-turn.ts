/**
 * Runs works one after another, in the order in which they came. For claims that count what is claimed already: two that
 * look at the same moment would both find room. Other processes are not held up, so a count may be passed by one for each.
 */
export function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
}
