import type { Page } from 'playwright-core'

/**
 * What a person would see at once and axe does not: a page wider than its window, text that is cut off without an ellipsis, text
 * or a control that lies over another. In sentences; none is the only right answer.
 */
export async function layoutFaults(page: Page): Promise<string[]> {
  return (await page.evaluate(look)) as string[]
}

// Runs in the page. What is cut off or scrolled on purpose says so in its style: an ellipsis, or a scrollable box around it.
const look = `(() => {
  const faults = []
  const root = document.documentElement
  if (root.scrollWidth > root.clientWidth) faults.push('the page is ' + (root.scrollWidth - root.clientWidth) + ' px wider than its window')
  const said = (text) => '"' + text.trim().replace(/\\s+/g, ' ').slice(0, 40) + '"'
  const dialog = document.querySelector('[role="dialog"], [role="alertdialog"]')
  // What is fixed or sticks lies over what scrolls beneath it, in a dialog too; only what is on one sheet may not overlap.
  const sheetOf = (element) => {
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      const { position } = getComputedStyle(one)
      if (position === 'fixed' || position === 'sticky') return one
    }
    return null
  }
  const scrolls = (value) => value === 'auto' || value === 'scroll'
  const isForReadersOnly = (rect) => rect.width <= 1 || rect.height <= 1

  const texts = []
  const walker = document.createTreeWalker(dialog ?? document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    const parent = node.parentElement
    if (!node.data.trim() || !parent || ['SCRIPT', 'STYLE', 'OPTION', 'NOSCRIPT'].includes(parent.tagName)) continue
    if (parent.closest('svg, canvas') || !parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    let clip = { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity }
    let isCutOnPurpose = false
    for (let one = parent; one && one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one)
      if (style.overflowX === 'visible' && style.overflowY === 'visible') continue
      const rect = one.getBoundingClientRect()
      if (isForReadersOnly(rect)) { isCutOnPurpose = true; clip = undefined; break }
      if (style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none' || scrolls(style.overflowX) || scrolls(style.overflowY)) isCutOnPurpose = true
      clip = {
        left: Math.max(clip.left, rect.left), right: Math.min(clip.right, rect.right),
        top: Math.max(clip.top, rect.top), bottom: Math.min(clip.bottom, rect.bottom),
      }
    }
    if (!clip) continue
    for (const rect of range.getClientRects()) {
      if (isForReadersOnly(rect)) continue
      const seen = {
        left: Math.max(rect.left, clip.left), right: Math.min(rect.right, clip.right),
        top: Math.max(rect.top, clip.top), bottom: Math.min(rect.bottom, clip.bottom),
      }
      const isCut = seen.right - seen.left < rect.width - 2 || seen.bottom - seen.top < rect.height - 4
      if (isCut && !isCutOnPurpose) faults.push(said(node.data) + ' is cut off')
      if (seen.right - seen.left < 2 || seen.bottom - seen.top < 2) continue
      texts.push({ ...seen, element: parent, words: said(node.data), sheet: sheetOf(parent) })
    }
  }

  const controls = []
  for (const element of (dialog ?? document.body).querySelectorAll('button, input:not([type=hidden]), select, textarea')) {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const rect = element.getBoundingClientRect()
    if (isForReadersOnly(rect)) continue
    controls.push({ left: rect.left, right: rect.right, top: rect.top, bottom: rect.bottom, element, words: said(element.innerText || element.getAttribute('aria-label') || element.name || element.tagName), sheet: sheetOf(element) })
  }

  // Two pixels each way are a font's own overhang.
  const lies = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4
  const all = [...texts, ...controls]
  for (let i = 0; i < all.length; i++) {
    for (let j = Math.max(i + 1, texts.length * (i >= texts.length)); j < all.length; j++) {
      const a = all[i], b = all[j]
      if (a.element === b.element || a.element.contains(b.element) || b.element.contains(a.element)) continue
      if (a.sheet !== b.sheet || !lies(a, b)) continue
      // A label may be drawn inside the field or the control that it belongs to.
      const label = a.element.closest('label') ?? b.element.closest('label')
      if (label && (label.control === a.element || label.control === b.element || label.contains(b.element))) continue
      faults.push(a.words + ' and ' + b.words + ' lie over each other')
    }
  }
  return [...new Set(faults)].slice(0, 20)
})()`
