// Declarations of libfinapp.so, generated from its Rust source.
// Do not edit: change the source and run `cargo xtask declarations --write`.

/** Numbers of the errors: the code of what the library throws or rejects with, and the errCode that mini-programs see. */
export declare const enum FinAppErrorCode {
  /** The client is used before `init` (FinClip's number). */
  NotInitialised = 10000,
  /** An argument, name or configuration field has the wrong form (FinClip's number). */
  Parameter = 10001,
  /** The network failed (FinClip's number). */
  Network = 10003,
  /** A package cannot be read or does not start (FinClip's number for a broken package). */
  BadPackage = 12000,
  /** No applet with that id (FinClip's number). */
  AppletNotFound = 14000,
  /** No applet is in the foreground (FinClip's number). */
  NoForegroundApplet = 14001,
  /** A message envelope is not understood. */
  BadRequest = 20001,
  /** Over the byte or key limit. */
  TooLarge = 20002,
  /** Over the nesting limit. */
  TooDeep = 20003,
  /** A value cannot be turned into JSON. */
  Serialize = 20004,
  /** Not allowed for this caller. */
  Denied = 20005,
  /** No such thing. */
  NotFound = 20006,
  /** Too many in flight, or in use. */
  Busy = 20007,
  /** A count limit was reached. */
  Limit = 20008,
  /** Not available in this environment. */
  Unsupported = 20009,
  /** The host's handler threw or rejected. */
  Handler = 20010,
  /** The host answered something that cannot be sent. */
  HandlerResult = 20011,
  /** No answer in time. */
  Timeout = 20012,
  /** The applet did not stop when told to. */
  Unresponsive = 20013,
  /** The applet reached its memory cap. */
  Memory = 20014,
  /** Too many quarantined threads. */
  ZombieLimit = 20015,
  /** The quota or the disk is full. */
  StorageFull = 20016,
  /** The applet or the client is closed. */
  Closed = 20017,
  /** The page that asked is no longer there. */
  PageGone = 20018,
  /** Our fault; the applet is closed when its state is in doubt. */
  Internal = 20019,
  /** The host or the user cancelled the call. */
  Cancelled = 20020,
  /** Waiting would close a circle of threads that wait for each other. */
  Cycle = 20021
}

/** How a custom API is served. */
export interface ApiOptions {
  /** Answers synchronous calls: what the handler returns is what the mini-program gets. */
  sync?: boolean
  /**
   * Milliseconds after which a call fails with E_TIMEOUT. Without one an asynchronous call waits until its caller goes
   * away.
   */
  timeout?: number
  /** Which H5 pages may call it: none, those of the mini-program itself (the default), or these origins as well. */
  pages?: 'none' | 'own' | Array<string>
  /** Which mini-programs may call it; all by default. */
  applets?: Array<string>
}

/** What the host knows of a mini-program that it starts. */
export interface AppletDescription {
  /** Its version. */
  version?: string
  /** 0 develop, 1 preview, 2 audit, 3 online, 10 local. */
  versionType?: number
  /** When it was published or fetched, in whole milliseconds since 1970. */
  time?: number
  /** The name that people see. */
  name?: string
  /** Address of its icon. */
  iconUrl?: string
  /** What it is for. */
  appIntro?: string
  /** Who made it. */
  appDeveloper?: string
  /** The category it is listed in. */
  appCategory?: string
  /** Whatever else the host wants its handlers to know. */
  extraData?: Record<string, Object>
}

/** A running mini-program. */
export interface AppletInfo {
  /** Its id. */
  appId: string
  /** Where it is in its life. */
  state: 'starting' | 'foreground' | 'background' | 'closing'
  /** How many of its calls are in flight. */
  callsInFlight: number
}

/** Which mini-program to start, and from what. */
export interface AppletRequest {
  /** Its id. */
  appId: string
  /** The server it belongs to. */
  apiServer?: string
  /** Where in the mini-program to start. */
  startParams?: StartParams
  /** Its package: a folder or a zip. */
  offlineLibraryPath?: string
  /** If given, the only APIs it may call. */
  whiteList?: Array<string>
  /** APIs it may never call. */
  blackList?: Array<string>
  /**
   * The origins that request may reach: https://host, https://host:port, or https://*.host for all below one. With
   * a list nothing else is reached, after redirects either; without one, public hosts over https. The app.json may
   * list some of them and so take away the others.
   */
  requestDomain?: Array<string>
  /** The same for downloadFile. */
  downloadDomain?: Array<string>
  /** The same for uploadFile. */
  uploadDomain?: Array<string>
  /** The same for connectSocket: wss://host. */
  socketDomain?: Array<string>
  /** Does not look at the lists. It counts with debug in the configuration, and for versions that are not released. */
  skipDomainCheck?: boolean
  /** What the host knows of it; handed to handlers as appInfo. */
  appInfo?: AppletDescription
}

/** What the user allows the app; 'not determined' by default. */
export interface AuthorizeSetting {
  /** Photographs. */
  albumAuthorized?: 'authorized' | 'denied' | 'not determined'
  /** Bluetooth. */
  bluetoothAuthorized?: 'authorized' | 'denied' | 'not determined'
  /** The camera. */
  cameraAuthorized?: 'authorized' | 'denied' | 'not determined'
  /** The location. */
  locationAuthorized?: 'authorized' | 'denied' | 'not determined'
  /** Only an approximate location. */
  locationReducedAccuracy?: boolean
  /** The microphone. */
  microphoneAuthorized?: 'authorized' | 'denied' | 'not determined'
  /** Notifications. */
  notificationAuthorized?: 'authorized' | 'denied' | 'not determined'
  /** Notifications that interrupt. */
  notificationAlertAuthorized?: 'authorized' | 'denied' | 'not determined'
  /** Notifications that count on the app's icon. */
  notificationBadgeAuthorized?: 'authorized' | 'denied' | 'not determined'
  /** Notifications that sound. */
  notificationSoundAuthorized?: 'authorized' | 'denied' | 'not determined'
  /** The calendar. */
  phoneCalendarAuthorized?: 'authorized' | 'denied' | 'not determined'
}

/** What has been counted for a mini-program. */
export interface CallCounters {
  /** Calls that reached a handler. */
  calls: number
  /** Calls that ended well. */
  succeeded: number
  /** Calls that failed after they had reached a handler. */
  failed: number
  /** Calls that were cancelled. */
  cancelled: number
  /** Calls refused before any handler saw them. */
  refused: number
  /** Of these, calls that were not allowed. */
  denied: number
  /** Calls that nobody answered in time. */
  timedOut: number
  /** Second answers, and answers after the end. */
  lateAnswers: number
  /** Progress messages delivered. */
  progress: number
  /** Progress messages refused: after the end, or over the cap. */
  progressDropped: number
  /** Events delivered. */
  events: number
  /** Events dropped because the applet was too slow. */
  eventsDropped: number
  /** Replies for calls that are not in flight. */
  unknownReplies: number
  /** Log lines dropped by the rate limit or by a failing sink. */
  logLinesDropped: number
  /** Promise rejections that nobody handled. */
  unhandledRejections: number
  /** Unhandled rejections beyond the cap, which were not reported. */
  unhandledRejectionsDropped: number
  /** Panics caught at a door. */
  panics: number
  /** Sum of the latencies of ended calls, in nanoseconds. */
  latencyTotalNs: number
  /** The longest latency of a call, in nanoseconds. */
  latencyMaxNs: number
}

/** Why a call ended without its handler. */
export interface CancelReason {
  /** The number of the error. */
  code: number
  /** Its text. */
  message: string
}

/** Tells a handler that its call has ended without it: the caller closed, gave up, or the time is over. */
export interface CancelSignal {
  /** Whether that has happened. */
  aborted: boolean
  /** Why, once it has. */
  reason?: CancelReason
  /** Calls the listener when it happens; at once when it has already. */
  onAbort: (listener: (reason: CancelReason) => void) => void
  /** Takes a listener away. */
  offAbort: (listener: (reason: CancelReason) => void) => void
  /** The form of the web; the one event is 'abort'. */
  addEventListener: (event: string, listener: (reason: CancelReason) => void) => void
  /** The form of the web. */
  removeEventListener: (event: string, listener: (reason: CancelReason) => void) => void
}

/** Where the custom APIs of all mini-programs are declared. */
export interface CustomApiConfig {
  /** Path of the file. */
  path?: string
  /** Its text, instead of a path. */
  json?: string
  /** How params templates are enforced; 'warn' by default. */
  params?: 'off' | 'warn' | 'strict'
  /** Also make every registered name a member of wx, listed or not. */
  exposeRegistered?: boolean
}

/** The device and its system. */
export interface DeviceInfo {
  /** Who sells it. Default 'unknown'. */
  brand?: string
  /** Its model. Default 'unknown'. */
  model?: string
  /** 'ohos' by default, 'devtools' in Node. */
  platform?: string
  /** Its system and that one's version. */
  system?: string
  /** The app's binary interface. */
  abi?: string
  /** The device's binary interface. */
  deviceAbi?: string
  /** Its processor. */
  cpuType?: string
  /** Its memory in MB, as text. */
  memorySize?: string
  /** How fast it is. Default -1: not known. */
  benchmarkLevel?: number
}

/** Who asks for what. */
export interface ExtInfo {
  /** The mini-program. */
  appId: string
  /** The server it was started with. */
  apiServer?: string
  /** The H5 page that asks; 0 when the mini-program itself does. */
  webviewId: number
  /** The name of the API. */
  name: string
  /** The mini-program itself, or an H5 page of it. */
  source: 'miniprogram' | 'h5'
  /** Which function the mini-program called. */
  spoken: 'direct' | 'invokeNativePlugin'
  /** Whether the mini-program waits for the return value. */
  sync: boolean
  /** Identifies the call among all calls of this environment. */
  callId: number
  /** Tells when nobody waits for the answer any more. */
  signal: CancelSignal
}

/** The configuration of a client. FinClip's members have FinClip's names. */
export interface FinAppConfig {
  /** Phone number of the user. */
  phone?: string
  /** The user whose data is used; without one all users share it. */
  currentUserId?: string
  /** Distribution channel of the app. */
  channel?: string
  /** FinClip's servers and keys. */
  finStoreConfigs?: Array<StoreConfig>
  /** The limits of every mini-program. */
  limits?: Limits
  /** TCMPP's file of custom APIs. */
  customApiConfig?: CustomApiConfig
  /** What built-ins tell of the app and the device; updateHostInfo changes it. */
  host?: HostInfo
  /** Explains refusals in the log and lists near names. Not for release builds. */
  debug?: boolean
  /** One log line when a call begins and one when it ends: names and times, never contents. */
  trace?: boolean
  /** When all places are taken, close the mini-program that went to the background first instead of refusing. */
  evictBackground?: boolean
  /** Folder for what mini-programs keep; without one they keep things in memory, until they close. */
  dataDir?: string
  /** How the network is reached. */
  network?: NetworkConfig
  /** Takes the log lines, instead of hilog (standard error in Node). */
  log?: (level: string, tag: string, line: string) => void
}

/** Every error that the library throws or rejects with. */
export interface FinAppError {
  /** The number of the error: 10001 for E_PARAM, and so on. */
  code: number
  /** Its name, for instance 'E_PARAM'. */
  codeName: string
  /** Its text. */
  message: string
}

/** What built-ins tell of the app (getAppBaseInfo, getSystemInfo) and of the device. All sizes are logical pixels. */
export interface HostInfo {
  /** The app's own id, for instance its bundle name. */
  appId?: string
  /** The app's version. */
  version?: string
  /** Language, as in zh_CN or en. */
  language?: string
  /** 'light' or 'dark'. */
  theme?: 'light' | 'dark'
  /** Size of ordinary text. Default 16. */
  fontSizeSetting?: number
  /** By how much the user has enlarged text. Default 1. */
  fontSizeScaleFactor?: number
  /** What getDeviceInfo tells. */
  device?: DeviceInfo
  /** What getWindowInfo tells. */
  window?: WindowInfo
  /** What getSystemSetting tells. */
  systemSetting?: SystemSetting
  /** What getAppAuthorizeSetting tells. */
  authorizeSetting?: AuthorizeSetting
}

/** What a handler of a custom API is given. */
export interface InvokeArgs {
  /** What the caller sent, as it sent it. */
  params: Record<string, Object>
  /** Answers the call, now or later. The first answer counts. */
  callback: InvokeCallback
  /** Who asks for what. */
  extInfo: ExtInfo
}

/** Answers one call. */
export interface InvokeCallback {
  /** Ends the call well. */
  onSuccess: (data?: Object) => void
  /** Ends the call as failed. An Error or a text becomes the errMsg. */
  onFail: (error?: Object) => void
  /** Ends the call as cancelled by the user. */
  onCancel: (data?: Object) => void
  /** Sends an intermediate state. False when nobody takes it any more. */
  onProgress: (state: Object) => boolean
  /** The same, by its TCMPP name. */
  sendState: (state: Object) => boolean
}

/** Something happened to a mini-program. */
export interface LifeCycleEvent {
  /** What. */
  type: 'opened' | 'foreground' | 'background' | 'closed' | 'error'
  /** To which. */
  appId: string
  /** Why it closed. */
  reason?: 'host' | 'shutdown' | 'memory' | 'error'
  /** The number of the error, if there is one. */
  code?: number
  /** The text of the error, if there is one. */
  message?: string
}

/** The limits of one mini-program and, where a member says so, of the whole client. Sizes are bytes. */
export interface Limits {
  /** Engine memory of one applet. Default 64 MiB. */
  memory?: number
  /** JavaScript stack. At most 1 MiB, and at most a quarter of threadStack. Default 512 KiB. */
  jsStack?: number
  /** Stack of an applet's thread. Default 4 MiB. */
  threadStack?: number
  /** JavaScript time of one turn (a synchronous run, or a chain of promise jobs) in the foreground. Default 1,000. */
  turnForegroundMs?: number
  /** The same in the background. Default 200. */
  turnBackgroundMs?: number
  /** How long past its budget a turn may run before the watchdog gives the applet up. Default 500. */
  watchdogGraceMs?: number
  /** Promise jobs in a row before messages are looked at. Default 1,000. */
  jobsPerPump?: number
  /** Time for promise jobs in a row before messages are looked at. Default 8. */
  pumpMs?: number
  /** Text of one message. Default 1 MiB. */
  messageBytes?: number
  /** Nesting of one message. Default 64. */
  messageDepth?: number
  /** Members of one object in a message. Default 10,000. */
  messageKeys?: number
  /** Binaries beside one message, in all. Default 16 MiB. */
  messageBinaryBytes?: number
  /** Calls in flight of one applet. Default 256. */
  callsInFlight?: number
  /** Calls in flight of all applets together. Default 2,048. */
  callsInFlightTotal?: number
  /** Progress messages that wait for one applet. Default 1,000. */
  progressQueued?: number
  /** Events that wait for one applet; the oldest is dropped. Default 1,000. */
  eventsQueued?: number
  /** Event listeners of one applet. Default 1,000. */
  listeners?: number
  /** Timers of one applet. Default 1,000. */
  timers?: number
  /** Shortest timer delay. Default 4. */
  timerFloorMs?: number
  /** Custom APIs that one applet may declare. Default 1,000. */
  declaredApis?: number
  /** One log line. Default 4,000. */
  logLineBytes?: number
  /** Log lines a second of one applet. Default 100. */
  logLinesPerSecond?: number
  /** Error text to the host. Default 4 KiB. */
  errorTextHostBytes?: number
  /** A handler's message to the applet. Default 1 KiB. */
  errorTextAppletBytes?: number
  /** Deadline of a synchronous call. At most 5,000. Default 3,000. */
  syncCallMs?: number
  /** Time parked in synchronous calls in one turn, in all. At most 5,000. Default 5,000. */
  parkedPerTurnMs?: number
  /** Live applets of the client. Default 16. */
  liveApplets?: number
  /** Quarantined threads of the client. Default 4. */
  zombies?: number
  /** What one mini-program may keep for one user with the storage family. At most 1 GiB. Default 10 MiB. */
  storageBytes?: number
  /** One value in it. Default 1 MiB. */
  storageValueBytes?: number
  /** One key in it. Default 256. */
  storageKeyBytes?: number
  /** Requests, downloads and uploads of one mini-program that are under way at once; more wait. Default 10. */
  networkTasks?: number
  /** Sockets of one mini-program. Default 5. */
  sockets?: number
  /** Longest time for one request, download or upload, and for connecting a socket. Default 60,000. */
  networkMs?: number
  /** One downloaded file. Default 200 MiB. */
  downloadBytes?: number
  /** Files of a package, in all, unpacked. Default 64 MiB. */
  packageBytes?: number
  /** Entries of a package. Default 10,000. */
  packageEntries?: number
}

/**
 * What a handler of registerMiniAppApi or registerPluginEvent is given: Flutter's MiniApiCall, and the members by which
 * Android's RequestEvent answers.
 */
export interface MiniApiCall {
  /** The envelope. */
  params: MiniApiParams
  /**
   * The parameters as the caller wrote them: the options of wx.name(options) without its callbacks, or the data of
   * wx.invokeNativePlugin.
   */
  rawParams: Object | null
  /** The name of the API. */
  apiName: string
  /** The H5 page that asks; 0 when the mini-program itself does. */
  webViewId: number
  /** The mini-program that asks. */
  appInfo: MiniAppInfo
  /** Answers the call, now or later. The first answer counts. */
  callback: InvokeCallback
  /** Who asks for what. */
  extInfo: ExtInfo
}

/** The envelope in which TCMPP hands a call over, the same on Android, iOS and Flutter. */
export interface MiniApiParams {
  /** The event of intermediate states: always 'requestCustomApi'. */
  stateEvent: string
  /** The name of the API. */
  api_name: string
  /**
   * What the mini-program passed as data, as it stands; empty when that was no object. Of wx.name(options) these are
   * the options without the callbacks, or their one member data.
   */
  data: Record<string, Object>
  /** What the mini-program passed as data when that is no object: a list, a text, a number, a boolean or a binary. */
  rawData?: Object
  /** The H5 page that asks; 0 when the mini-program itself does. */
  webviewId: number
}

/** The mini-program that calls: what the host said of it, and who runs it. */
export interface MiniAppInfo {
  /** Its id. */
  appId: string
  /** The server it was started with. */
  apiServer?: string
  /** The user of the configuration. */
  userId?: string
  /** Its version. */
  version?: string
  /** 0 develop, 1 preview, 2 audit, 3 online, 10 local. */
  versionType?: number
  /** When it was published or fetched, in milliseconds since 1970. */
  time?: number
  /** The name that people see. */
  name?: string
  /** Address of its icon. */
  iconUrl?: string
  /** What it is for. */
  appIntro?: string
  /** Who made it. */
  appDeveloper?: string
  /** The category it is listed in. */
  appCategory?: string
  /** Whatever else the host wants its handlers to know. */
  extraData?: Record<string, Object>
}

/** How the network is reached. */
export interface NetworkConfig {
  /** Certificates that are trusted besides the public roots, each as PEM text of one or more. */
  rootCertificates?: Array<string>
  /**
   * Address of an HTTP proxy that everything goes through, http://name:password@host:port. It looks up names by
   * itself, so only hosts that are written as an address are still kept from mini-programs.
   */
  proxy?: string
  /** Lets mini-programs reach addresses that are not public: this device, and the network it is in. For development. */
  allowPrivateNetwork?: boolean
}

/** Where a part of the screen begins and ends. */
export interface ScreenEdges {
  /** Its left edge. */
  left: number
  /** Its upper edge. */
  top: number
  /** Its right edge. */
  right: number
  /** Its lower edge. */
  bottom: number
}

/** Where in a mini-program to start. */
export interface StartParams {
  /** Path of a page. */
  path?: string
  /** 'a=1&b=2' */
  query?: string
}

/** One of FinClip's servers. */
export interface StoreConfig {
  /** Key of the app. */
  sdkKey: string
  /** Secret of the app. */
  sdkSecret: string
  /** Address of the server. */
  apiServer: string
  /** Address for reports. */
  apmServer?: string
  /** 'MD5' or 'SM'. */
  cryptType?: string
}

/** What is switched on in the system's settings. Nothing by default. */
export interface SystemSetting {
  /** Bluetooth. */
  bluetoothEnabled?: boolean
  /** Location. */
  locationEnabled?: boolean
  /** Wi-Fi. */
  wifiEnabled?: boolean
}

/** The screen and the window on it. */
export interface WindowInfo {
  /** Physical pixels in a logical one. Default 2. */
  pixelRatio?: number
  /** Width of the screen. Default 375. */
  screenWidth?: number
  /** Height of the screen. Default 667. */
  screenHeight?: number
  /** Width that pages have; the screen's by default. */
  windowWidth?: number
  /** Height that pages have; the screen's by default. */
  windowHeight?: number
  /** Where the window's upper edge is. Default 0. */
  screenTop?: number
  /** Height of the status bar. Default 20. */
  statusBarHeight?: number
  /** The part of the screen that nothing covers; all below the status bar by default. */
  safeArea?: ScreenEdges
}

/** Sends events to mini-programs. */
export declare class AppletApiManager {
  /** Sends an event to one mini-program; see FinAppClient. */
  sendCustomEvent(appId: string, detail: Object): void
  /** Sends an event to all mini-programs. Gives how many took it. */
  sendCustomEventToAll(detail: Object): number
}

/** One running mini-program. */
export declare class AppletClient {
  /** The id of the mini-program. */
  get appId(): string
  /** Registers a custom API for this mini-program alone; it wins over the one for all. */
  registerCustomApi(name: string, handler: (args: InvokeArgs) => Object | void, options?: ApiOptions): void
  /** Registers a synchronous custom API for this mini-program alone. */
  registerSyncApi(name: string, handler: (args: InvokeArgs) => Object | void): void
  /**
   * Registers an API in the style of TCMPP's Flutter plugin for this mini-program alone; see FinAppClient. It wins
   * over any registration for all.
   *
   * ```ts
   * applet.registerMiniAppApi('getUser', async (call: MiniApiCall): Promise<Object | null> => {
   *   return await users.find(call.params.data['id'] as string)
   * })
   * ```
   */
  registerMiniAppApi(name: string, handler: (call: MiniApiCall) => Promise<Object | null> | Object | null | void, options?: ApiOptions): void
  /**
   * Registers one event of a plugin in the style of TCMPP's Android SDK for this mini-program alone; see
   * FinAppClient. It wins over any registration for all.
   *
   * ```ts
   * applet.registerPluginEvent('beep', (call: MiniApiCall): void => call.callback.onSuccess())
   * ```
   */
  registerPluginEvent(name: string, handler: (call: MiniApiCall) => void, options?: ApiOptions): void
  /** Takes back a custom API of this mini-program. False when there was none. */
  unregisterCustomApi(name: string): boolean
  /** Sends it an event. */
  sendCustomEvent(detail: Object): void
  /**
   * The back gesture of the user. True when it went back one page; false when it showed its first page and has been
   * asked to close instead. Throws E_CLOSED once it has closed.
   */
  goBack(): boolean
  /** Asks it to close. */
  close(): void
  /** Tells it that it is seen. */
  setForeground(): void
  /** Tells it that it is not seen. */
  setBackground(): void
  /** What has been counted for it; the last figures once it has closed. */
  counters(): CallCounters
}

/** Hosts mini-programs: starts them, answers the APIs they call, sends them events. */
export declare class FinAppClient {
  /**
   * Makes the client. The same configuration again gives the same client; another one is refused until shutdown.
   * The context, the entry and the start mode belong to the pages of mini-programs and are not used yet.
   */
  static init(config: FinAppConfig, context?: Object, entryInfo?: Object, startMode?: number): FinAppClient
  /** The client that init made, until shutdown. */
  static getInstance(): FinAppClient | undefined
  /** FinClip's spelling of getInstance. */
  static getInsance(): FinAppClient | undefined
  /**
   * Registers a custom API for all mini-programs; a handler registered before is replaced. The handler answers by
   * its callback, or by returning anything but undefined, or a Promise of it.
   */
  registerCustomApi(name: string, handler: (args: InvokeArgs) => Object | void, options?: ApiOptions): void
  /** Registers a synchronous custom API: what the handler returns is the mini-program's return value. */
  registerSyncApi(name: string, handler: (args: InvokeArgs) => Object | void): void
  /**
   * Registers an API in the style of TCMPP's Flutter plugin, for all mini-programs: the handler is given the whole
   * envelope, and answers by what it returns, or by a Promise of it. null and nothing are a success without payload.
   * What it throws or rejects with fails the call: the message becomes the errMsg, a numeric code the errCode.
   * Throws E_PARAM for a malformed name or option, E_CLOSED after shutdown.
   *
   * ```ts
   * client.registerMiniAppApi('getUser', async (call: MiniApiCall): Promise<Object | null> => {
   *   return await users.find(call.params.data['id'] as string)
   * })
   * ```
   */
  registerMiniAppApi(name: string, handler: (call: MiniApiCall) => Promise<Object | null> | Object | null | void, options?: ApiOptions): void
  /**
   * Registers one event of a plugin in the style of TCMPP's Android SDK, for all mini-programs: the handler is given
   * the whole envelope, and answers by the callback of the call, at once or later. What it returns does not count.
   * With sync: true, one that returns without having answered ends the call with success and no payload.
   * Throws E_PARAM for a malformed name or option, E_CLOSED after shutdown.
   *
   * ```ts
   * client.registerPluginEvent('countDown', (call: MiniApiCall): void => {
   *   call.callback.sendState({ left: 1 })
   *   setTimeout(() => call.callback.onSuccess({ left: 0 }), 1000)
   * })
   * ```
   */
  registerPluginEvent(name: string, handler: (call: MiniApiCall) => void, options?: ApiOptions): void
  /** Takes a custom API back. Calls that run keep their handler. False when there was none. */
  unregisterCustomApi(name: string): boolean
  /** Starts a mini-program, or gives the one that runs under that id. */
  startApplet(request: AppletRequest): Promise<AppletClient>
  /** Asks a mini-program to close. Its calls have ended when this returns; the life-cycle event says when it is gone. */
  closeApplet(appId: string): void
  /**
   * The back gesture of the user. True when the mini-program went back one page; false when it showed its first page
   * and has been asked to close instead. Throws E_APPLET_NOT_FOUND when no such mini-program runs.
   */
  goBack(appId: string): boolean
  /** Asks all mini-programs to close. */
  closeAllApplets(): void
  /** The running mini-programs, sorted by id. */
  runningApplets(): Array<AppletInfo>
  /** Sends an event to one mini-program: its onCustomEvent listeners, and the named ones when it has a name. */
  sendCustomEvent(appId: string, detail: Object): void
  /** Sends an event to all mini-programs. Gives how many took it. */
  sendCustomEventToAll(detail: Object): number
  /** Events and calls in the grouping that the Android SDK has. */
  get appletApiManager(): AppletApiManager
  /** Tells a mini-program that it is seen. */
  setForeground(appId: string): void
  /** Tells a mini-program that it is not seen: smaller budget, paused timers. */
  setBackground(appId: string): void
  /**
   * Tells what has changed of the app and the device: the theme, the language, the size of the window. Members that
   * are not given stay as they are; calls from now on see the new ones. Throws E_PARAM, beginning with the name of
   * the member, and E_CLOSED after shutdown.
   */
  updateHostInfo(info: HostInfo): void
  /** Gives back memory: collects garbage and, when it is critical, closes mini-programs in the background. */
  setMemoryLevel(level: 'moderate' | 'low' | 'critical'): void
  /** Removes what a mini-program keeps for a user; the user of the configuration if none is given. */
  clearAppletData(appId: string, user?: string): void
  /** What has been counted for a running mini-program. */
  counters(appId: string): CallCounters
  /** Sets the one listener for what happens to mini-programs; undefined takes it away. */
  setLifeCycleListener(listener?: (event: LifeCycleEvent) => void): void
  /**
   * Ends all calls with E_CLOSED and closes all mini-programs. The promise is fulfilled when that is done, after at
   * most two seconds; then a new client may be made.
   */
  shutdown(): Promise<void>
}
