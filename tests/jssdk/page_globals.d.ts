// What functions that run in a page find there.
import type { Ft } from '../../jssdk/jssdk.js'
declare global {
  var ft: Ft & { [extra: string]: any }
  var FinChatJSCore: any
  var FinChatJSBridge: any
  var __fcjs_environment: unknown
  var bringNative: () => void
  var seen: any
  var callApi: (name: string, options: object) => any
}
