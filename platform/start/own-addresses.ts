import { networkInterfaces } from 'node:os'

/**
 * Where this machine speaks from, as far as it knows: the addresses of its interfaces, and its loopback when only its own
 * people are served. Behind a translating router the world sees another one, which only the operator knows.
 */
export function ownAddresses(isAtHome: boolean): string[] {
  const found = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  const wanted = found.filter(({ internal, scopeid }) => (isAtHome || !internal) && !scopeid)
  return [...new Set(wanted.map(({ address }) => address))].sort()
}
