import { plainText } from '@mortise/contract/manifest/plain-text'

/** Bytes of words to people that a log keeps. */
export const wordsBytesMax = 500

const hidden = '[hidden]'

/** Whether a word looks like a key, a code or a digest: letters and digits mixed, a long number, or longer than words are. */
export function looksSecret(word: string): boolean {
  return word.split(/[^\p{L}\p{N}]+/u).some((part) => {
    const isMixed = part.length >= 8 && /\p{L}/u.test(part) && /\p{N}/u.test(part)
    return isMixed || /^\d{9,}$/.test(part) || part.length > 24
  })
}

/** Scheme, name and password, host, port, and all that follows. */
const address = /([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#]*@)?([\w.-]*)(:\d+)?[^\s"'<>)\]}]*/gi

/** "password: x", "the token is x". */
const announced =
  /(?:pass(?:word|wd|phrase)?|pwd|secret|token|salt|credentials?|key)["']?\s*(?:[:=]|\bis\b)\s*["']?([^\s"',;]+)/gi

/**
 * Words to people without what must not be in a log: what is known to be secret, addresses but for their host, e-mails,
 * what is announced as a secret, and what looks like one. As plain text, cut to a length.
 * @param isPublic what is in the log anyway, such as the add-on's own id
 * @param isOurs the platform's errors say "the token is unknown", and never a token
 */
export function safeWords(
  text: string,
  { secrets, isPublic, isOurs }: { secrets: readonly string[]; isPublic: (word: string) => boolean; isOurs: boolean },
): string {
  // Before it is cleaned, and after: control bytes may be part of a secret, or only stand in it here.
  const clean = withoutSecrets(plainText(withoutSecrets(text, secrets), 4 * wordsBytesMax), secrets)
  const without = clean
    .replace(address, (_, scheme, host, port = '') =>
      looksSecret(host) ? `${scheme}${hidden}` : `${scheme}${host}${port}/…`,
    )
    .replace(/[^\s@"'<>(]+@[^\s@"'<>),;]+/g, '[e-mail]')
    .replace(announced, (all, value: string) => (isOurs ? all : all.slice(0, all.length - value.length) + hidden))
    .replace(/[^\s"'`<>()[\]{},;]+/g, (word) => {
      const bare = word.replace(/[.:!?]+$/, '')
      return isPublic(bare) || !looksSecret(bare) ? word : hidden
    })
  return plainText(without, wordsBytesMax)
}

/** The text with none of these in it. The longest go first: a password may be a part of an address that is hidden as a whole. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let rest = text
  for (const secret of secrets) if (rest.includes(secret)) rest = rest.replaceAll(secret, hidden)
  return rest
}
