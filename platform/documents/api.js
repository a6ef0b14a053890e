// Filters the operations of /docs/api as somebody types, and opens the one that the address names.
const box = document.querySelector('.search')
const input = document.querySelector('#search')
const found = document.querySelector('#found')
const operations = [...document.querySelectorAll('.operation')].map((element) => ({
  element,
  // The noun's title too, so that "config vars" finds what has it in no address.
  text: `${element.querySelector('summary').textContent} ${element.closest('section').querySelector('h2').textContent}`.toLowerCase(),
}))
const sections = [...document.querySelectorAll('section')]

function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
  let count = 0
  for (const { element, text } of operations) {
    const fits = words.every((word) => text.includes(word))
    element.hidden = !fits
    if (fits) count++
  }
  for (const section of sections) {
    section.hidden = !section.querySelector('.operation:not([hidden])')
    document.querySelector(`nav a[href="#${section.id}"]`).parentElement.hidden = section.hidden
  }
  document.body.classList.toggle('filtered', words.length > 0)
  found.textContent = words.length ? `${count} of ${operations.length}` : ''
}

function openNamed() {
  const element = document.getElementById(location.hash.slice(1))
  if (element?.matches('details')) {
    element.open = true
    element.querySelector('summary').focus()
  }
}

box.hidden = false
input.addEventListener('input', filter)
addEventListener('hashchange', openNamed)
addEventListener('keydown', (event) => {
  if (event.key === '/' && !event.ctrlKey && !event.metaKey && document.activeElement !== input) {
    event.preventDefault()
    input.focus()
  } else if (event.key === 'Escape' && document.activeElement === input && input.value) {
    input.value = ''
    filter()
  }
})
for (const { element } of operations) {
  element.addEventListener('toggle', () => {
    if (element.open) history.replaceState(null, '', `#${element.id}`)
  })
}
filter()
openNamed()
