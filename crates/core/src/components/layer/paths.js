// Which file a name in `usingComponents` stands for: beside the file that names it, from the root of the package, or from
// the nearest `miniprogram_npm` above.

import { joined, native, text } from './room.js'

/** A path inside the package, without steps back. @param {string} path */
const tidy = (path) => {
  const steps = []
  for (const step of text.split(path, '/')) {
    if (step === '' || step === '.') continue
    if (step === '..') steps.length = steps.length > 0 ? steps.length - 1 : 0
    else steps[steps.length] = step
  }
  return joined(steps, '/')
}

/** @param {string} path */
const folderOf = (path) => text.slice(path, 0, text.findLast(path, '/') + 1)

/** The component at a path, or in the folder of that name. @param {string} path */
const at = (path) => {
  const whole = tidy(path)
  if (native.exists(`${whole}.js`)) return whole
  return native.exists(`${whole}/index.js`) ? `${whole}/index` : undefined
}

/** @param {string} name @param {string} from the path of the file, without its ending @returns {string | undefined} */
export const resolveComponent = (name, from) => {
  if (text.find(name, '://') >= 0) return undefined
  if (text.begins(name, '/')) return at(name)
  const folder = folderOf(from)
  const beside = at(folder + name)
  if (beside !== undefined || text.begins(name, '.')) return beside
  for (let above = folder; ; above = folderOf(text.slice(above, 0, above.length - 1))) {
    const packaged = at(`${above}miniprogram_npm/${name}`)
    if (packaged !== undefined || above === '') return packaged
  }
}

/** A page's path as `app.json` has it. @param {string} path */
export const pagePath = (path) => tidy(path)
