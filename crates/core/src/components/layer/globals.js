// What the layer and the frameworks take from the global scope, taken once before a page of a mini-program runs.

const { console, setTimeout, clearTimeout, Promise, WeakMap, Map, Set, JSON, Reflect, RegExp, Error } = globalThis

export { console, setTimeout, clearTimeout, Promise, WeakMap, Map, Set, JSON, Reflect, RegExp, Error }
