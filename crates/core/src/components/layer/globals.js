// What the layer and the frameworks take from the global scope, taken once before a page of a mini-program runs.

const { console, setTimeout, Promise, WeakMap, Map, Set, JSON, Reflect, RegExp, Error } = globalThis

export { console, setTimeout, Promise, WeakMap, Map, Set, JSON, Reflect, RegExp, Error }
