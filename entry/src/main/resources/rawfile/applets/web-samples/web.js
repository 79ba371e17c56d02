// The web page's half: calls the app, shows what it answers, and answers the app.

const show = (what) => {
  const answer = document.getElementById('answer')
  if (answer) answer.textContent = JSON.stringify(what, null, 2)
}

const callApp = () =>
  new Promise((done) => ft.callNativeAPI('js2AppFunction', { name: 'getColor' }, (result) => done(result)))

// The app calls this one with client.callJS.
ft.registNativeAPIHandler('app2jsFunction', (given) => {
  show(given)
  return { heard: given, title: document.title }
})

// What a sample of the mini-program's list asks for: the app's answer goes back through its custom API `report`.
ft.miniProgram.onWebviewEvent(async ({ sample }) => {
  const answer = sample === 'webPageCallsApp' ? await callApp() : { errMsg: `no sample ${sample}` }
  show(answer)
  ft.callNativeAPI('report', { sample, answer }, () => {})
})

document.getElementById('call')?.addEventListener('click', async () => show(await callApp()))
