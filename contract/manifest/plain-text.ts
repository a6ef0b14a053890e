/** Bytes of one text that a provider may show to customers. RULES.md, section 8.5. */
export const providerTextBytesMax = 2 * 1024

/**
 * A provider's words as text: no terminal escapes, no control bytes but line breaks, no direction overrides,
 * at most `bytesMax` bytes. Whoever draws it must still escape it for its own medium.
 */
export function plainText(text: string, bytesMax = providerTextBytesMax): string {
  const plain = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
    .replace(/\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(\u0007|\u001b\\)?/g, '')
    .replace(/\r\n?/g, '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()
  // Not Buffer: pages read texts too.
  const bytes = new TextEncoder().encode(plain)
  if (bytes.length <= bytesMax) return plain
  // Cut on a character, not in the middle of one: a half is dropped by decoding.
  return `${new TextDecoder().decode(bytes.subarray(0, bytesMax - 3)).replace(/\ufffd+$/, '')}…`
}
