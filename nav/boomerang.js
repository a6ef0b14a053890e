// For pages written for Heroku's first header, heroku/boomerang (2013): the same global, drawn as the header of today.
//
//   <script src="https://PLATFORM/boomerang.js"></script>
//   Boomerang.init({ app: 'APP', addon: 'ADD-ON' })
//
// Kept of the old one: the global, its two verbs, the element's id and class, its 32 pixels, the class on the body, and
// that an element with data-app and data-addon starts it by itself. Pages make room for the bar by the class, and some take
// it away by removing the element, so the element is the bar. `localMode`, which was for working on the bar, does nothing.
;(() => {
  const { src } = document.currentScript
  const header = new URL('/nav/v1/header.js', new URL(src).origin).href

  const Boomerang = {
    init({ app, addon } = {}) {
      Boomerang.reset()
      const holder = document.createElement('div')
      holder.id = 'heroku-boomerang'
      holder.className = 'boomerang'
      document.body.prepend(holder)
      document.body.classList.add('heroku-boomerang-loaded')
      const script = document.createElement('script')
      script.src = header
      script.dataset.into = holder.id
      if (app) script.dataset.app = app
      if (addon) script.dataset.addon = addon
      holder.append(script)
    },

    reset() {
      const element = document.getElementById('heroku-boomerang')
      if (element) element.remove()
      document.body.classList.remove('heroku-boomerang-loaded')
    },
  }
  window.Boomerang = Boomerang

  const begin = () => {
    const marked = document.querySelector('[data-app][data-addon]:not(script)')
    if (marked && !document.getElementById('heroku-boomerang')) Boomerang.init(marked.dataset)
  }
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin)
  else begin()
})()
