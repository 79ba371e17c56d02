// Asks the app for a colour, gives the app's calls their answer, and orders from the mini-program.

const find = (id) => document.getElementById(id)

/** Adds a line to what was said; texts of others stay text. */
function say(route, text) {
  const [line, head] = [document.createElement('li'), document.createElement('b')]
  head.textContent = route
  line.append(head, text)
  find('said').append(line)
}

const two = (part) => Number(part).toString(16).padStart(2, '0')

ft.callNativeAPI('js2AppFunction', { name: 'getColor' }, ({ r, g, b, errMsg }) => {
  if (errMsg !== 'js2AppFunction:ok') {
    find('color').value = 'the app has no colour'
    say('js2AppFunction, page to app', errMsg)
    return
  }
  const color = `#${two(r)}${two(g)}${two(b)}`
  document.documentElement.style.setProperty('--color', color)
  find('color').value = color
  say('js2AppFunction, page to app', `getColor gave ${color}`)
})

ft.onNativeAPIHandler('app2jsFunction', ({ title }) => {
  find('title').textContent = title
  say('app2jsFunction, app to page', `a title: ${title}`)
  return { success: true, color: find('color').value }
})

find('order').addEventListener('click', () => {
  const order = find('color').value
  say('sendWebviewEvent, page to mini-program', `an order: ${order}`)
  ft.miniProgram.sendWebviewEvent({ order })
})

ft.miniProgram.onWebviewEvent(({ number, order }) => {
  say('onWebviewEvent, mini-program to page', `order ${number} is taken: ${order}`)
  console.log(`order ${number} is taken`)
})
