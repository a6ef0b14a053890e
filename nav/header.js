// The platform's header on a provider's page. One classic script, no dependencies, ES2020:
//
//   <link rel="stylesheet" href="https://PLATFORM/nav/v1/header.css">
//   <script src="https://PLATFORM/nav/v1/header.js" data-app="APP" data-addon="ADD-ON" defer></script>
//
// Linking the stylesheet too keeps the header's height free from the first paint on. Under a Content-Security-Policy
// the page needs the platform's origin in script-src and style-src, nothing inline, and no connect-src.
;(() => {
  const script = document.currentScript
  const platform = new URL(script.src).origin
  const stylesheet = new URL('/nav/v1/header.css', platform).href

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

  function draw() {
    const here = whereabouts()
    const nav = make('nav', { 'aria-label': 'Mortise' }, make('a', { class: 'home', href: `${platform}/dashboard` }))
    nav.firstChild.append(logo(), make('span', { class: 'word' }, 'Mortise'))
    if (here.app) {
      const href = `${platform}/dashboard/apps/${encodeURIComponent(here.app)}`
      const arrow = make('span', { 'aria-hidden': 'true' }, '\u2190 ')
      nav.append(make('a', { class: 'back', href, 'aria-label': `Back to ${here.app}` }, arrow, here.app))
    }
    nav.append(switcher(here))

    // A shadow keeps the page's styles out of the header and the header's out of the page.
    const host = make('div', { id: script.dataset.id || 'mortise-nav' })
    const shadow = host.attachShadow({ mode: 'open' })
    const link = make('link', { rel: 'stylesheet', href: stylesheet })
    nav.hidden = true
    link.addEventListener('load', () => {
      nav.hidden = false
    })
    shadow.append(link, nav)

    const linked = [...document.querySelectorAll('link[rel=stylesheet]')].some(({ href }) => href === stylesheet)
    if (!linked) document.head.append(make('link', { rel: 'stylesheet', href: stylesheet }))
    const earlier = document.getElementById(host.id)
    if (earlier) earlier.replaceWith(host)
    else document.body.prepend(host)
  }

  if (document.body) draw()
  else document.addEventListener('DOMContentLoaded', draw)
})()
