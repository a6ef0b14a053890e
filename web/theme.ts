export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** The chosen theme; `system` follows the machine. Kept in this browser only. */
export function currentTheme(): Theme {
  // The server, which draws the marketplace's first paint, has no machine to follow.
  if (typeof document === 'undefined') return 'system'
  const chosen = document.documentElement.dataset['theme']
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  try {
    if (theme === 'system') localStorage.removeItem('theme')
    else localStorage.setItem('theme', theme)
  } catch {
    // Storage may be switched off; the choice then lasts until the page is closed.
  }
}
