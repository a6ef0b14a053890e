/** `NAME='value'`, quoted so that a shell reads back exactly the value, whatever is in it. */
export function shellLine(name: string, value: string): string {
  return `${name}=${shellQuote(value)}`
}

export function shellQuote(value: string): string {
  return /^[A-Za-z0-9_.,:/@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
}
