// Plugins: where the files of each lie, and the names that their pages go by.

import { text } from './room.js'

const FOLDER = '__plugin__/'
const PRIVATE = 'plugin-private://'

/** The folder of the plugin that a file belongs to, with the slash behind it; empty for the mini-program's own files.
 * @param {string} path */
export const folderOfPlugin = (path) => {
  if (!text.begins(path, FOLDER)) return ''
  const length = text.find(text.slice(path, FOLDER.length), '/')
  return text.slice(path, 0, FOLDER.length + length + 1)
}

/** The plugin that a file belongs to; nothing for the mini-program's own files. @param {string} path */
export const pluginOf = (path) => {
  const folder = folderOfPlugin(path)
  return folder === '' ? undefined : text.slice(folder, FOLDER.length, folder.length - 1)
}

/** The file of a page, which goes by another name when it is a plugin's. @param {string} route */
export const fileOfRoute = (route) => text.begins(route, PRIVATE) ? FOLDER + text.slice(route, PRIVATE.length) : route

/** The name that a page's file goes by. @param {string} path */
export const routeOfFile = (path) => text.begins(path, FOLDER) ? PRIVATE + text.slice(path, FOLDER.length) : path
