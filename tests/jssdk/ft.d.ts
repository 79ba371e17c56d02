// The library as suites know it; what FinClip's own has beside ours is theirs to describe.
import type { Ft } from '../../jssdk/jssdk.js'
declare module '../../jssdk/jssdk.js' {
  interface Ft {
    loadExtApi(list: object[]): void
    scan(options: object): Promise<unknown>
    onCustomEvent(listener: (event: any) => void): void
    addCustomEventListener(name: string, listener: (event: any) => void): void
    reportEvent(id: string, data: object): void
    [name: string]: any
  }
}
