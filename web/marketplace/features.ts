/** One line of a comparison: what it is about, and what each plan has of it, in the plans' order. */
export interface FeatureRow {
  label: string
  /** A text, `true` for what is simply there, `null` for what is not. */
  cells: (string | true | null)[]
}

// With its unit, where that can be larger or smaller too.
const amount = /\d[\d.,]*(?:\s?(?:[kMGTP]i?B|ms|%)(?![a-z]))?/i

/**
 * Puts the short lines that plans are described by side by side. Lines that differ only in one amount ("1 GB of storage",
 * "64 GB of storage") are one row with the amounts in it; the rest is there or it is not.
 */
export function compareFeatures(plans: readonly { features?: readonly string[] }[]): FeatureRow[] {
  const rows = new Map<string, { texts: (string | null)[] }>()
  plans.forEach(({ features = [] }, plan) => {
    for (const text of features) {
      const key = keyOf(text)
      const row = rows.get(key) ?? { texts: plans.map(() => null) }
      // Two lines of one plan that differ in an amount only are two things.
      if (row.texts[plan] === null) row.texts[plan] = text
      else if (!rows.has(text)) rows.set(text, { texts: plans.map((_, at) => (at === plan ? text : null)) })
      if (!rows.has(key)) rows.set(key, row)
    }
  })
  return [...rows.values()].map(({ texts }) => {
    const said = texts.filter((text) => text !== null)
    const first = said[0] ?? ''
    if (said.every((text) => text === first)) return { label: first, cells: texts.map((text) => (text ? true : null)) }
    const label = first.replace(amount, '').replace(/\s+/g, ' ').trim().replace(/^of /, '')
    return {
      label: label.charAt(0).toUpperCase() + label.slice(1),
      cells: texts.map((text) => (text === null ? null : (amount.exec(text)?.[0] ?? text))),
    }
  })
}

const keyOf = (text: string) => text.toLowerCase().replace(amount, '#').replace(/s\b/g, '')
