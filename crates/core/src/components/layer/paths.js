// Which file a name in `usingComponents` stands for: beside the file that names it, from the root of the package, or from
// the nearest `miniprogram_npm` above.

import { joined, native, text } from './room.js'
import { fileOfRoute, folderOfPlugin } from './plugins.js'

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

/** The component at a path, or in the folder of that name. @param {string} path @param {string} root that of a plugin */
const at = (path, root) => {
  const whole = root + tidy(path)
  if (folderOfPlugin(whole) !== root) return undefined
  if (native.exists(`${whole}.js`)) return whole
  return native.exists(`${whole}/index.js`) ? `${whole}/index` : undefined
}

const OF_PLUGIN = 'plugin://'

/** A plugin's files are found by itself alone, but for the components that it gives. @param {string} name
 * @param {string} from the path of the file, without its ending @returns {string | undefined} */
export const resolveComponent = (name, from) => {
  const root = folderOfPlugin(from)
  if (text.begins(name, OF_PLUGIN) && root === '') {
    const rest = text.slice(name, OF_PLUGIN.length)
    const slash = text.find(rest, '/')
    return native.component(text.slice(rest, 0, slash < 0 ? 0 : slash), text.slice(rest, slash + 1))
  }
  if (text.find(name, '://') >= 0) return undefined
  if (text.begins(name, '/')) return at(name, root)
  const folder = folderOf(text.slice(from, root.length))
  const beside = at(folder + name, root)
  if (beside !== undefined || text.begins(name, '.')) return beside
  for (let above = folder; ; above = folderOf(text.slice(above, 0, above.length - 1))) {
    const packaged = at(`${above}miniprogram_npm/${name}`, root)
    if (packaged !== undefined || above === '') return packaged
  }
}

/** The path of a page's file. @param {string} path as `app.json` or a plugin has it */
export const pagePath = (path) => tidy(fileOfRoute(path))
