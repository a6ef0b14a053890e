// In this order: most browsers also claim to be an older one.
const browsers: readonly [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Headless)?Chrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const systems: readonly [RegExp, string][] = [
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'a Mac'],
  [/\bLinux\b/, 'Linux'],
]

/** `Firefox on Linux`, of what a browser says of itself; that text as it is when it says neither. */
export function browserName(description: string): string {
  const of = (known: readonly [RegExp, string][]) => known.find(([pattern]) => pattern.test(description))?.[1]
  const [browser, system] = [of(browsers), of(systems)]
  if (!browser && !system) return description || 'A browser'
  return [browser ?? 'A browser', system && `on ${system}`].filter(Boolean).join(' ')
}
