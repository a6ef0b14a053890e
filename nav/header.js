// The platform's header on a provider's page, also served as /nav.js. One classic script, no dependencies, ES2020:
//
//   <link rel="stylesheet" href="https://PLATFORM/nav/v1/header.css">
//   <script src="https://PLATFORM/nav/v1/header.js" data-app="APP" data-addon="ADD-ON" defer></script>
//
// The stylesheet keeps the header's height free from the first paint on; without `defer`, in the head, the script does
// that by itself. Under a Content-Security-Policy the page needs the platform's origin in script-src and nothing else (in
// style-src too when it links the stylesheet): the header's own styles are made by the script, not written into the page.
;(() => {
  const script = document.currentScript
  const platform = new URL(script.src).origin
  /** An element that is there already and becomes the header, in pages that were made for older ones. */
  const { into } = script.dataset
  const isBoomerang = into === 'heroku-boomerang'

  const room = isBoomerang
    ? 'body.heroku-boomerang-loaded { padding-top: 32px }'
    : ':root { padding-block-start: 3rem; scroll-padding-block-start: 3rem } @media print { :root { padding-block-start: 0 } }'

  /** What single sign-on left in the cookie, when it is about this app; else the attributes of the script. */
  function whereabouts() {
    const { app, addon } = script.dataset
    const data = cookieData()
    // The cookie holds the last sign-on of this host, which may have been in another tab and from another app.
    if (data && (!app || app === data.appname)) {
      const current = data.addons.find((each) => (addon ? each.name === addon : each.current))
      return { app: data.appname, addon: current ? current.name : addon || data.addon, addons: data.addons }
    }
    return { app: app || '', addon: addon || '', addons: [] }
  }

  function cookieData() {
    const value = /(?:^|;\s*)heroku-nav-data=([A-Za-z0-9_=-]+)/.exec(document.cookie)
    if (!value) return null
    try {
      const bytes = Uint8Array.from(atob(value[1].replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))
      const data = JSON.parse(new TextDecoder().decode(bytes))
      const isList = Array.isArray(data.addons) && data.addons.every((each) => each && typeof each.name === 'string')
      return typeof data.appname === 'string' && isList ? data : null
    } catch {
      return null
    }
  }

  /** An element; attributes that are null are left out. Text is always text: names come from customers. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value)
    element.append(...children)
    return element
  }

  function logo() {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    svg.setAttribute('viewBox', '0 0 32 32')
    svg.setAttribute('aria-hidden', 'true')
    const shapes = [
      ['M8 0h16a8 8 0 0 1 8 8v16a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8V8a8 8 0 0 1 8-8z', '#0b5c7a'],
      ['M7 10h5.5v6.5h7V10H25v13H7z', '#fff'],
      ['M15 6h2a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-2a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1z', '#f0c68a'],
    ]
    for (const [d, fill] of shapes) {
      const path = document.createElementNS(svg.namespaceURI, 'path')
      path.setAttribute('d', d)
      path.setAttribute('fill', fill)
      svg.append(path)
    }
    return svg
  }

  function switcher({ app, addon, addons }) {
    if (addons.length < 2) return addon ? make('span', { class: 'addon' }, addon) : ''
    const items = addons.map(({ name, slug }) => {
      const href = `${platform}/sso/apps/${encodeURIComponent(app)}/addons/${encodeURIComponent(name)}`
      const link = make('a', { href, 'aria-current': name === addon ? 'page' : null }, name)
      if (typeof slug === 'string') link.append(make('span', { class: 'slug' }, slug))
      return make('li', {}, link)
    })
    const summary = make('summary', {}, make('span', { class: 'addon' }, addon || 'Add-ons'))
    const details = make('details', {}, summary, make('ul', { 'aria-label': `Add-ons of ${app}` }, ...items))
    details.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !details.open) return
      details.open = false
      summary.focus()
    })
    // composedPath, because from outside of the shadow every click in here looks like one on the host.
    document.addEventListener('click', (event) => {
      if (!event.composedPath().includes(details)) details.open = false
    })
    return details
  }

  /** Sheets that a script makes are no inline styles: a policy that lets the script in lets them in. */
  function dress(root, css) {
    if (!('adoptedStyleSheets' in root)) return (root.head || root).append(make('style', {}, css))
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
  }

  function icon(paths, label) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    for (const [name, value] of Object.entries({ viewBox: '0 0 24 24', 'aria-hidden': 'true', fill: 'none' }))
      svg.setAttribute(name, value)
    const path = document.createElementNS(svg.namespaceURI, 'path')
    const lines = { d: paths, stroke: 'currentColor', 'stroke-width': '1.75', 'stroke-linecap': 'round' }
    for (const [name, value] of Object.entries(lines)) path.setAttribute(name, value)
    svg.append(path)
    return [svg, make('span', { class: 'said' }, label)]
  }

  function draw() {
    const here = whereabouts()
    const nav = make('nav', { 'aria-label': 'Mortise' }, make('a', { class: 'home', href: `${platform}/dashboard` }))
    nav.firstChild.append(logo(), make('span', { class: 'word' }, 'Mortise'))
    if (here.app) {
      const href = `${platform}/dashboard/apps/${encodeURIComponent(here.app)}`
      const arrow = make('span', { 'aria-hidden': 'true' }, '\u2190 ')
      nav.append(make('a', { class: 'back', href, 'aria-label': `Back to ${here.app}` }, arrow, here.app))
    } else nav.append(make('a', { class: 'back', href: `${platform}/marketplace` }, 'Marketplace'))
    const account = make('a', { class: 'account', href: `${platform}/dashboard/account` })
    account.append(...icon('M12 12.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM5 20c.8-3 3.5-5 7-5s6.2 2 7 5', 'Account'))
    nav.append(make('span', { class: 'space' }), switcher(here), account)

    const id = into || 'mortise-nav'
    const earlier = document.getElementById(id)
    // Whoever took it away meanwhile does not want it.
    if (isBoomerang && !earlier) return
    // A shadow keeps the page's styles out of the header and the header's out of the page.
    const host = into && earlier && !earlier.shadowRoot ? earlier : make('div', { id })
    const shadow = host.attachShadow({ mode: 'open' })
    dress(shadow, look)
    shadow.append(nav)
    if (host === earlier) return
    if (earlier) earlier.replaceWith(host)
    else document.body.prepend(host)
  }

  const look = `
    :host {
      --surface: #ffffff;
      --line: #e7e3da;
      --ink: #1d1c1a;
      --muted: #67635a;
      --accent: #0b5c7a;
      --soft: #e3eff3;
      all: initial;
      position: fixed;
      inset: 0 0 auto;
      z-index: 2147483000;
      display: block;
      height: var(--mortise-nav-height, 3rem);
      border-bottom: 1px solid var(--line);
      box-sizing: border-box;
      background: var(--surface);
      color: var(--ink);
      font: 15px/1.4 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    }

    @media (prefers-color-scheme: dark) {
      :host {
        --surface: #1b1e21;
        --line: #2c3136;
        --ink: #ecebe7;
        --muted: #9fa4a9;
        --accent: #7cc9e4;
        --soft: #173039;
      }
    }

    nav {
      display: flex;
      align-items: center;
      gap: 0.25rem;
      height: 100%;
      padding: 0 0.75rem;
    }

    a,
    summary {
      color: inherit;
      text-decoration: none;
      border-radius: 0.375rem;
      padding: 0.375rem 0.625rem;
    }

    a:hover,
    summary:hover {
      background: var(--soft);
    }

    a:focus-visible,
    summary:focus-visible {
      outline: 2px solid var(--accent);
      outline-offset: -2px;
    }

    .home {
      display: flex;
      align-items: center;
      gap: 0.5rem;
      font-weight: 600;
    }

    svg {
      flex: none;
      width: 1.5rem;
      height: 1.5rem;
    }

    .back {
      color: var(--accent);
    }

    :host(.boomerang) {
      --mortise-nav-height: 32px;
      font-size: 13px;
    }

    :host(.boomerang) :is(a, summary) {
      padding-block: 0.125rem;
    }

    .back,
    nav > .addon,
    summary .addon {
      min-width: 0;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }

    .space {
      flex: 1;
    }

    nav > .addon {
      padding: 0.375rem 0.625rem;
      color: var(--muted);
    }

    details {
      position: relative;
      min-width: 0;
    }

    summary {
      display: flex;
      align-items: center;
      gap: 0.5rem;
      cursor: pointer;
      list-style: none;
    }

    summary::-webkit-details-marker {
      display: none;
    }

    summary::after {
      content: "";
      flex: none;
      width: 0.375rem;
      height: 0.375rem;
      border: solid currentColor;
      border-width: 0 2px 2px 0;
      transform: translateY(-2px) rotate(45deg);
    }

    ul {
      position: absolute;
      inset-block-start: calc(100% + 0.375rem);
      inset-inline-end: 0;
      min-width: 16rem;
      max-width: calc(100vw - 1.5rem);
      max-height: calc(100vh - 4rem);
      overflow: auto;
      margin: 0;
      padding: 0.375rem;
      border: 1px solid var(--line);
      border-radius: 0.625rem;
      box-sizing: border-box;
      background: var(--surface);
      box-shadow: 0 12px 32px -12px rgb(0 0 0 / 0.35);
      list-style: none;
    }

    li a {
      display: block;
      overflow-wrap: anywhere;
    }

    li a[aria-current] {
      background: var(--soft);
      font-weight: 600;
    }

    .slug {
      display: block;
      color: var(--muted);
      font-size: 0.8125rem;
      font-weight: 400;
    }

    .account {
      flex: none;
      display: flex;
    }

    .said {
      position: absolute;
      overflow: hidden;
      width: 1px;
      height: 1px;
      clip-path: inset(50%);
    }

    @media (max-width: 34rem) {
      .word {
        position: absolute;
        overflow: hidden;
        width: 1px;
        height: 1px;
        clip-path: inset(50%);
      }
    }

    @media print {
      :host {
        display: none;
      }
    }
  `

  const header = new URL('/nav/v1/header.css', platform).href
  const isRoomMade = [...document.querySelectorAll('link[rel=stylesheet]')].some(({ href }) => href === header)
  if (!isRoomMade) dress(document, room)
  if (document.body) draw()
  else document.addEventListener('DOMContentLoaded', draw)
})()
