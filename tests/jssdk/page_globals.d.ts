// What functions that run in a page find there, beside the library. Suites keep there what they like.
declare var FinChatJSCore: any
declare var FinChatJSBridge: any
declare var __fcjs_environment: unknown
declare var bringNative: () => void
declare var seen: any
declare var own: any
declare var first: any
declare var one: any
declare var finish: (value: unknown) => void
declare var answer: Promise<unknown>
declare var callApi: (name: string, options: object) => any
