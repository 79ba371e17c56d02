// Packages that are bundled into the mini-programs of the framework's tests; their types are not looked at.
declare module '@vitest/expect'
declare module '@vitest/spy'
declare module 'chai'
declare module 'linkedom'
