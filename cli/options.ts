import { wrongUsage } from './failure.js'

export type ProviderOptions = Record<string, string | true>

/** Splits a command line at its first bare `--`; what follows is meant for the provider. */
export function splitAtDashes(argv: readonly string[]): { own: string[]; provider: string[] } {
  const at = argv.indexOf('--')
  return at < 0 ? { own: [...argv], provider: [] } : { own: argv.slice(0, at), provider: argv.slice(at + 1) }
}

/**
 * Reads a provider's options: `--k=v` and `--k v` are texts, a bare `--k` and `--k=true` are true, a later
 * one wins. Source: what the field's CLI sends, so that a provider sees the same body from both.
 * @throws Failure (wrong usage) for a word that belongs to no option
 */
export function providerOptions(words: readonly string[]): ProviderOptions {
  const options: ProviderOptions = {}
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    const option = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word)
    if (!option) {
      throw wrongUsage(`"${word}" is no option for the provider.`, 'After -- write options like --key=value.')
    }
    const [, name, written] = option
    const following = words[i + 1]
    if (written !== undefined) {
      options[name!] = written === 'true' ? true : written
    } else if (following !== undefined && !following.startsWith('--')) {
      options[name!] = following
      i++
    } else {
      options[name!] = true
    }
  }
  return options
}
