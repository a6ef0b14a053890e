import type { Addon } from '@mortise/contract/platform-api/addons'
import { buttonClass } from '../../kit/button.js'
import { OutwardArrow } from '../../kit/mark.js'

/** Leads into the provider's own dashboard, signed in, in a tab of its own. Nothing while there is none to go to. */
export function OpenAddon({ addon }: { addon: Addon }) {
  if (!addon.web_url || addon.state !== 'provisioned') return null
  return (
    <a
      href={addon.web_url}
      target="_blank"
      rel="noopener"
      aria-label={`Open the dashboard of ${addon.name}`}
      className={buttonClass('secondary', 'small')}
    >
      Open
      <OutwardArrow />
    </a>
  )
}

/** What else its provider offers to do with it: each leads to the provider, signed in unless it has an address of its own. */
export function AddonActions({ addon }: { addon: Addon }) {
  if (!addon.web_url || addon.state !== 'provisioned') return null
  return addon.actions.map(({ id, action, label, url }) => (
    <a
      key={id}
      href={url ?? `${addon.web_url}?action=${encodeURIComponent(action ?? '')}`}
      target="_blank"
      rel="noopener noreferrer"
      aria-label={`${label}: ${addon.name}`}
      className={buttonClass('secondary', 'small')}
    >
      {label}
      <OutwardArrow />
    </a>
  ))
}
