// Runs before the first paint, so that a chosen theme does not flash. An own file, because the pages allow no inline script.
// The number in its name changes with its text: everything under /assets/ may be cached for good.
try {
  const theme = localStorage.getItem('theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be switched off; the system's own setting holds then.
}
