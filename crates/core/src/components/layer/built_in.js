// The elements that the platform has. They are nodes of the tree with attributes; what a touch does to them stands in
// `actions.js`.

import { create } from './room.js'

const NAMES = [
  'view', 'text', 'image', 'button', 'input', 'textarea', 'scroll-view', 'swiper', 'swiper-item', 'picker', 'picker-view',
  'picker-view-column', 'checkbox', 'checkbox-group', 'radio', 'radio-group', 'switch', 'slider', 'form', 'label', 'icon',
  'progress', 'navigator', 'block', 'slot', 'web-view', 'canvas', 'map', 'video', 'audio', 'camera', 'live-player',
  'live-pusher', 'movable-area', 'movable-view', 'cover-view', 'cover-image', 'rich-text', 'page-meta', 'navigation-bar',
  'root-portal', 'page-container', 'match-media', 'share-element', 'editor', 'keyboard-accessory', 'functional-page-navigator',
  'official-account', 'open-data', 'ad', 'ad-custom', 'aria-component', 'voip-room', 'native-component', 'grid-view',
  'list-view', 'sticky-header', 'sticky-section', 'nested-scroll-header', 'nested-scroll-body', 'list-builder',
  'grid-builder', 'draggable-sheet', 'snapshot', 'span', 'selection', 'template', 'wxs', 'include', 'import', 'custom-wrapper'
]

/** @type {Record<string, true>} */
const known = create(null)
for (const name of NAMES) known[name] = true

/** @param {string} tag */
export const isBuiltIn = (tag) => known[tag] === true
