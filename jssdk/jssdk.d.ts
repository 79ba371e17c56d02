// Types of the JSSDK: what a web page in a mini-program's web-view calls the app with.

/** What every call ends with. */
export interface Result {
  /** `<name>:ok`, or `<name>:fail` with a reason. */
  errMsg: string
}

/** How a call failed. */
export interface Failure extends Result {
  /** The stable number of the reason, where the app or this library gives one. */
  errCode?: number
  [member: string]: unknown
}

/** The callbacks of a call: `success` or `fail`, then `complete`. With none of them, a call gives a promise. */
export interface Callbacks<T extends Result = Result> {
  success?: (result: T) => void
  fail?: (failure: Failure) => void
  complete?: (result: T | Failure) => void
}

/** What gives a call up. */
export interface Abortable {
  /** Ends the call with `<name>:fail cancel`; an app that knows how is told. */
  signal?: AbortSignal
}

/** Parameters with at least one callback. */
export type WithCallbacks<P, T extends Result> = P &
  Abortable &
  Callbacks<T> &
  (
    | { success: (result: T) => void }
    | { fail: (failure: Failure) => void }
    | { complete: (result: T | Failure) => void }
  )

/** A function whose parameters have required members: a promise, or callbacks. */
export interface Call<P, T extends Result = Result> {
  (options: WithCallbacks<P, T>): void
  (options: P & Abortable & { success?: undefined; fail?: undefined; complete?: undefined }): Promise<T>
}

/** A function that can be called without parameters. */
export interface OptionalCall<P, T extends Result = Result> {
  (options: WithCallbacks<P, T>): void
  (options?: P & Abortable & { success?: undefined; fail?: undefined; complete?: undefined }): Promise<T>
}

/** Where a page of the mini-program is. */
export interface UrlOptions {
  /** Path of the page, with its query. */
  url: string
}

/** The environment of a page. */
export interface EnvResult extends Result {
  /** `'miniprogram'` in a mini-program, an empty object elsewhere. */
  env: 'miniprogram' | Record<string, never>
  /** The version of the interface that this library has. */
  version: string
}

/** What is known of the mini-program. */
export interface AppletInfo extends Result {
  appId: string
  appTitle: string
  appAvatar: string
  appDescription: string
  appThumbnail: string
  path: string
  userId: string
}

/** A place on earth. */
export interface LocationResult extends Result {
  latitude: number
  longitude: number
  speed: number
  accuracy: number
}

/** A place that the user has chosen. */
export interface ChosenLocation extends Result {
  latitude: number
  longitude: number
  name: string
  address: string
}

/** The options of `ft.downloadFile`. */
export interface DownloadOptions {
  url: string
  header?: Record<string, string>
  /** In milliseconds. */
  timeout?: number
  /** Where the file is kept; without it, in a temporary file. */
  filePath?: string
}

/** The options of `ft.request`. */
export interface RequestOptions {
  url: string
  data?: string | object | ArrayBuffer
  /** `Referer` cannot be set. */
  header?: Record<string, string>
  /** `GET` when none is given. */
  method?: string
  /** `json` when none is given. */
  dataType?: string
  [member: string]: unknown
}

/** What a server answered. */
export interface RequestResult extends Result {
  data: any
  statusCode: number
  header: Record<string, string>
}

/** What `ft.callNativeAPI` gives to its callback, for success and failure alike: the members that the app gave. */
export interface NativeResult extends Result {
  errCode?: number
  [member: string]: any
}

/** A function of the page that the app calls. What it gives, or what its promise gives, goes back to the app. */
export type NativeHandler = (data: any) => unknown

/** The mini-program around the page. */
export interface MiniProgram {
  /** Opens a page above the one that shows this page. */
  navigateTo: Call<UrlOptions>
  /** Goes back by `delta` pages, by one when none is given. */
  navigateBack: OptionalCall<{ delta?: number }>
  /** Goes to a page of the tab bar. */
  switchTab: Call<UrlOptions>
  /** Opens a page in the place of the one that shows this page. */
  redirectTo: Call<UrlOptions>
  /** Closes all pages and opens one. */
  reLaunch: Call<UrlOptions>
  /** Sends a message, which `bindmessage` gets when the page is left, destroyed or shared. */
  postMessage(message?: object): Promise<Result>
  /** Tells whether this is a mini-program. */
  getEnv(callback: (result: EnvResult) => void): void
  getEnv(): Promise<EnvResult>
  /** Closes the mini-program. */
  close(): Promise<Result>
  /** Opens another mini-program. */
  navigateToMiniProgram: Call<{ appId: string; path?: string; extraData?: object }>
  /** Goes back to the mini-program that opened this one. */
  navigateBackMiniProgram: OptionalCall<{ extraData?: object }>
  /** Listens to the mini-program coming to the foreground; `data` is the query of its route. */
  onShow(callback: (event: { data: Record<string, string> }) => void): void
  /** Listens to the mini-program going to the background. */
  onHide(callback: (event: any) => void): void
  /** Listens to the page of the mini-program being closed. */
  onUnload(callback: (event: any) => void): void
  /** Listens to what the mini-program sends with `ft.sendWebviewEvent`. */
  onWebviewEvent(callback: (event: any) => void): void
  /** Takes a listener away, or all of them. */
  offWebviewEvent(callback?: (event: any) => void): void
  /** Sends a message to `bindevent` at once. */
  sendWebviewEvent(message?: object): Promise<Result>
  /** The same as `ft.getAppletInfo`. */
  getAppletInfo: OptionalCall<{}, AppletInfo>
  /** The same as `ft.getLocalImgData`. */
  getLocalImgData: Call<{ path: string }, Result & { localData: string }>
}

/** The library. */
export interface Ft {
  miniProgram: MiniProgram
  /** Downloads a file. */
  downloadFile: Call<DownloadOptions, Result & { tempFilePath?: string; filePath?: string }>
  /** Tells what is known of the mini-program. */
  getAppletInfo: OptionalCall<{}, AppletInfo>
  /** Shows a document. */
  openDocument: Call<{ filePath: string; fileType?: 'doc' | 'docx' | 'xls' | 'xlsx' | 'ppt' | 'pptx' | 'pdf' }>
  /** Lets the user take or choose pictures, nine when no count is given. */
  chooseImage: OptionalCall<
    { count?: number; sizeType?: Array<'original' | 'compressed'>; sourceType?: Array<'album' | 'camera'> },
    Result & { tempFilePaths: string[] }
  >
  /** Gives a picture of the device as base64. */
  getLocalImgData: Call<{ path: string }, Result & { localData: string }>
  /** Lets the user choose a place on a map. */
  chooseLocation: OptionalCall<{ latitude?: number; longitude?: number }, ChosenLocation>
  /** Tells where the device is. */
  getLocation: OptionalCall<{ type?: 'wgs84' | 'gcj02' }, LocationResult>
  /** Reads what is kept under a key. */
  getStorage: Call<{ key: string }, Result & { data: any }>
  /** Keeps a value under a key. */
  setStorage: Call<{ key: string; data: unknown }>
  /** Forgets what is kept under a key. */
  removeStorage: Call<{ key: string }>
  /** Forgets everything that is kept. */
  clearStorage: OptionalCall<{}>
  /** Tells all keys, and how many KB are kept. */
  getStorageInfo: OptionalCall<{}, Result & { keys: string[]; currentSize: number }>
  /** Tells whether this web page has one to go back to. */
  canGoBack: OptionalCall<{}, Result & { canGoBack: boolean }>
  /** Tells whether the mini-program has a page to go back to. */
  canNavigateBack: OptionalCall<{}, Result & { canNavigateBack: boolean }>
  /** Sets the title; a later change of `document.title` wins. */
  setNavigationBarTitle: Call<{ title: string }>
  /** Makes a network request from the app. */
  request: Call<RequestOptions, RequestResult>
  /** Calls an API that the app has registered. Without a callback, a failure rejects the promise. */
  callNativeAPI(
    name: string,
    data: object | null | undefined,
    callback: (result: NativeResult) => void,
    options?: Abortable,
  ): void
  callNativeAPI(name: string, data?: object | null, options?: Abortable): Promise<NativeResult>
  /** Sets the one handler of a name, which cannot be taken away; `onNativeAPIHandler` is better. */
  registNativeAPIHandler(name: string, callback: NativeHandler): void
  /** Says that the page has loaded, which stops the `timeout` of its web-view. */
  complete(): Promise<Result>
  /** Adds a handler of a name that the app calls. The app gets the first value that is not `undefined`. */
  onNativeAPIHandler(name: string, callback: NativeHandler): void
  /** Takes a handler away, or all of a name. */
  offNativeAPIHandler(name: string, callback?: NativeHandler): void
  /** Tells the page's number, by which the app calls this page, as soon as it is known. */
  ready(callback: (result: (Result & { pageId: number }) | Failure) => void): void
  ready(): Promise<Result & { pageId: number }>
  /** How many messages of the app were not taken, by reason: for looking into a page that misbehaves. */
  counters(): { unknown: number; refused: number; repeated: number; malformed: number; missing: number }
}

/** The library, which is also the global `ft`. */
export const ft: Ft
export default ft

declare global {
  /** The JSSDK. */
  var ft: Ft
  interface Window {
    /** `'miniprogram'` in a mini-program. */
    __fcjs_environment?: 'miniprogram'
  }
}
