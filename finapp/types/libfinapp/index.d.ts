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
  /** Which plugins of those mini-programs may call it; all by default, none by an empty list. */
  plugins?: Array<string>
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
  /** The version of its package, if that came from a server. */
  packageVersion?: string
}

/** Which mini-program to start, and from what. */
export interface AppletRequest {
  /** Its id. */
  appId: string
  /**
   * The server it belongs to, and where its package comes from without offlineLibraryPath: the address of a static
   * file server. The one of the configuration if none is given.
   */
  apiServer?: string
  /** Where in the mini-program to start. */
  startParams?: StartParams
  /** Its package: a folder or a zip. Without it, the package comes from the server. */
  offlineLibraryPath?: string
  /**
   * When a newer version is looked for, if one from the server is cached: 'before' the start, waiting for a short
   * time (the default), or 'after' it, for the next one.
   */
  updateStrategy?: 'before' | 'after'
  /** Takes what the server offers, also when it is older than what is cached. */
  allowDowngrade?: boolean
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
  /** The origins whose H5 pages belong to the mini-program: https://host, or https://host:port; exact ones alone. */
  webViewDomain?: Array<string>
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

/** A package from a server that is kept on disk. */
export interface CachedPackage {
  /** The mini-program. */
  appId: string
  /** The server it came from. */
  apiServer: string
  /** Its version. */
  version: string
  /** What it takes on the disk. */
  bytes: number
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
  /** Messages of H5 pages dropped because there were too many. */
  pageMessagesDropped: number
  /** Messages of H5 pages that are not understood, or came twice. */
  pageMessagesMalformed: number
  /** Messages of H5 pages that did not come in time. */
  pageMessagesMissing: number
  /** Panics caught at a door. */
  panics: number
  /** Source files that were compiled. */
  sourcesCompiled: number
  /** Source files that an earlier run had compiled. */
  sourcesKept: number
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
  /** The plugin of the mini-program that asks; not there when the mini-program itself or a page does. */
  pluginId?: string
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
  /** Where packages come from when a request names neither a server nor a path: the address of a static file server. */
  apiServer?: string
  /** FinClip's servers and keys. Without apiServer, packages come from the first; the keys are not used. */
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
  /**
   * Folder for what mini-programs keep, and for packages from servers; without one they keep things in memory, until
   * they close, and start from paths alone.
   */
  dataDir?: string
  /** How the network is reached. */
  network?: NetworkConfig
  /**
   * Answers of built-ins that only the host can give, beforehand: by the name of the built-in an object, or a list of
   * objects that are used in their order. { "$fail": "text" } fails, { "$cancel": true } cancels. For tests and the
   * desktop; what setProvider sets wins.
   */
  providers?: Record<string, Object>
  /** Where the events go that mini-programs report. */
  report?: ReportConfig
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
  /** What getNetworkType tells when nobody provides it, and onNetworkStatusChange when it changes. */
  network?: NetworkInfo
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
  type: 'opened' | 'foreground' | 'background' | 'closed' | 'error' | 'packageProgress' | 'packageKept' | 'packageUpdated'
  /** To which. */
  appId: string
  /** Why it closed. */
  reason?: 'host' | 'shutdown' | 'memory' | 'error'
  /** The version that is used as cached (packageKept), or ready for the next start (packageUpdated). */
  version?: string
  /** How many bytes of the package have come (packageProgress). */
  received?: number
  /** How many there are. */
  total?: number
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
  /** Pages on the stack of one applet. Default 10. */
  pagesOpen?: number
  /** Messages a second of one H5 page; what is more is dropped and counted. Default 1,000. */
  pageMessagesPerSecond?: number
  /** Calls of one H5 page that wait for their answer, and calls of its functions that do. Default 64. */
  pageCallsInFlight?: number
  /** How long a page may take to answer callJS. Default 30,000. */
  pageCallMs?: number
  /** Messages of one H5 page that wait until the mini-program leaves it; their text in all as one message. Default 1,000. */
  webMessagesQueued?: number
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
  /** The data of one event of reportEvent. Default 32 KiB. */
  reportBytes?: number
  /** Events a second of one mini-program. Default 20. */
  reportsPerSecond?: number
  /** Events of one mini-program that wait to be sent; the oldest is dropped. Default 10,000. */
  reportsKept?: number
  /** The same in bytes, as they are sent. Default 4 MiB. */
  reportsKeptBytes?: number
  /** The same of all mini-programs together. Default 32 MiB. */
  reportsKeptBytesTotal?: number
  /** What one mini-program may keep for one user in files. At most 4 GiB. Default 200 MiB. */
  filesBytes?: number
  /** What its temporary files may take, which are gone when it closes. At most 4 GiB. Default 200 MiB. */
  filesTempBytes?: number
  /** Files and folders among the ones, and among the others. Default 10,000. */
  filesEntries?: number
  /** Files that it may have open. Default 64. */
  filesOpen?: number
  /** Files of a package, in all, unpacked. Default 64 MiB. */
  packageBytes?: number
  /** Entries of a package. Default 10,000. */
  packageEntries?: number
  /** Packages from servers that the client keeps on disk. Default 256 MiB. */
  packageCacheBytes?: number
  /** Compiled code of packages that the client keeps on disk; 0 keeps none. Default 64 MiB. */
  codeCacheBytes?: number
  /** How long a start waits for the index of a package that is cached. Default 3,000. */
  packageCheckMs?: number
  /** How long a package may take to come; its index as well when none is cached. Default 120,000. */
  packageDownloadMs?: number
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

/** How the device reaches the network. */
export interface NetworkInfo {
  /** 'wifi', '2g', '3g', '4g', '5g', 'unknown' or 'none'. Not known until it is told. */
  networkType?: 'wifi' | '2g' | '3g' | '4g' | '5g' | 'unknown' | 'none'
}

/** Hears what came of callJS: one of the first two, once, and never before callJS has returned. */
export interface PageCallback {
  /** The page's function has answered: with what it returned, or what its Promise gave; null when that was nothing. */
  onSuccess: (result: Object | null) => void
  /**
   * It has not: E_PAGE_GONE when there is no such page or it showed another document meanwhile, E_DENIED when the page
   * is of a foreign origin, E_NOT_FOUND when it has no such function, E_HANDLER when that failed, E_TIMEOUT,
   * E_CLOSED when the mini-program is closed.
   */
  onError: (code: number, error: string) => void
  /** As FinClip has it. Pages tell no progress, so it is not called. */
  onProgress?: (status: number, info: string) => void
}

/** A page on the stack of a mini-program. */
export interface PageOnStack {
  /** Its number: the webViewId of its calls. */
  id: number
  /** Its path in the package, without an ending. */
  path: string
}

/** Where a host sends a mini-program. */
export interface PageRoute {
  /** As the API of that name does it. */
  type: 'navigateTo' | 'redirectTo' | 'switchTab' | 'reLaunch' | 'navigateBack'
  /** The page, as mini-programs write it: `/pages/item/item?id=3`. navigateBack needs none. */
  url?: string
}

/** The collector of what mini-programs report with reportEvent: any that takes OTLP over HTTP with JSON. */
export interface ReportConfig {
  /**
   * Address of the collector; /v1/logs is appended. Without one, events are kept, as far as the limits go, for a later
   * start of the app that has one.
   */
  endpoint?: string
  /** Headers of each request, for instance authorization. Never logged, never visible to a mini-program. */
  headers?: Record<string, string>
  /** Attributes of the resource that all events are of. Default: service.name is 'finapp'. */
  resource?: Record<string, string>
  /** How long events gather before they are sent. Default 5,000. */
  intervalMs?: number
  /** Events of one request; so many are sent at once. Default 200. */
  batch?: number
  /** How long a request may take. Default 10,000. */
  timeoutMs?: number
  /** How long the first retry waits; each further one waits twice as long. Default 1,000. */
  retryFirstMs?: number
  /** How long a retry waits at most. Default 300,000. */
  retryMostMs?: number
  /** Compresses requests. */
  gzip?: boolean
}

/** What became of reported events since the client was made. */
export interface ReportCounters {
  /** Events that were stored. */
  stored: number
  /** Events that the collector has taken, those of earlier runs among them. */
  sent: number
  /** Events that gave way to newer ones before they could be sent. */
  dropped: number
  /** Events that the collector will never take: requests it refused, and what it refused of requests it took. */
  rejected: number
  /** Requests that have to be made again. */
  retries: number
  /** Events that wait to be sent. */
  waiting: number
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

/** A file of a mini-program's package, for a browser. */
export interface WebFile {
  /** What it is: `text/html; charset=utf-8`. */
  mediaType: string
  /** What it holds. */
  bytes: ArrayBuffer
}

/**
 * What shows an H5 page. Its functions are called on the host's thread, one after the other, never from within a
 * function of the WebPage; what they throw is logged.
 */
export interface WebPageView {
  /**
   * Runs a script in the top frame of the document that is shown, after those that came before. What it gives is of no
   * interest.
   */
  run: (script: string) => void
  /** Shows what is at the address. */
  load: (url: string) => void
  /** Goes back by one document, if there is an earlier one. */
  goBack: () => void
  /** The page is gone. Nothing is asked of the view any more. */
  close: () => void
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

/** The name of the object through which pages call. */
export declare const WEB_PAGE_PROXY: string

/** What has to run in every document before any script of its own. */
export declare const WEB_PAGE_START_SCRIPT: string

/** Sends events to mini-programs. */
export declare class AppletApiManager {
  /** Sends an event to one mini-program; see FinAppClient. */
  sendCustomEvent(appId: string, detail: Object): void
  /** Sends an event to all mini-programs. Gives how many took it. */
  sendCustomEventToAll(detail: Object): number
  /**
   * Calls a function of an H5 page: one that the page registered with `ft.registNativeAPIHandler`. `params` is JSON
   * text, any other text, or an object; `webViewId` is the number of the page, 0 or nothing the one on top. Without a
   * callback it gives a Promise of what the function returned, which is rejected with what `onError` would tell.
   * Wrong arguments are told in the same way; only a callback that is none throws E_PARAM.
   *
   * ```ts
   * const answer = await client.appletApiManager.callJS('demo', 'app2jsFunction', { a: 1 })
   * ```
   */
  callJS(appId: string, func: string, params?: string | Object, webViewId?: number, callback?: PageCallback): Promise<Object | null> | undefined
}

/** One running mini-program. */
export declare class AppletClient {
  /** The id of the mini-program. */
  get appId(): string
  /** The server it belongs to, as the request or the configuration named it. */
  get apiServer(): string | null
  /** The address at which web pages have the files of its package: `https://…`, without a slash at the end. */
  get webOrigin(): string
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
  /**
   * Sets who answers a built-in that only the host can answer, such as 'chooseImage' or 'getLocation', for this mini-program alone; it wins over the one for all. The
   * library has checked the parameters, has put in what was not given, and checks what is answered; files go both
   * ways with paths of their own. The handler answers as one of a custom API does. One set before is replaced.
   * Throws E_PARAM when no built-in of that name is answered by the host, E_CLOSED after shutdown.
   *
   * ```ts
   * client.setProvider('login', async (): Promise<Object> => ({ code: await account.code() }))
   * ```
   */
  setProvider(name: string, handler: (args: InvokeArgs) => Object | void): void
  /**
   * Takes a provider back: the next one answers, the one for all, if there is one. Calls that run keep theirs.
   * False when there was none. Throws E_PARAM as setProvider does.
   */
  removeProvider(name: string): boolean
  /** Sends it an event. */
  sendCustomEvent(detail: Object): void
  /**
   * Calls a function of an H5 page: one that the page registered with `ft.registNativeAPIHandler`. `params` is JSON
   * text, any other text, or an object; `webViewId` is the number of the page, 0 or nothing the one on top. Without a
   * callback it gives a Promise of what the function returned, which is rejected with what `onError` would tell.
   * Wrong arguments are told in the same way; only a callback that is none throws E_PARAM.
   *
   * ```ts
   * const answer = await applet.callJS('app2jsFunction', { a: 1 })
   * ```
   */
  callJS(func: string, params?: string | Object, webViewId?: number, callback?: PageCallback): Promise<Object | null> | undefined
  /**
   * Opens an H5 page that no <web-view> asked for: the host loads what it likes. Throws E_PARAM when the view lacks a
   * function, E_CLOSED once the mini-program has closed.
   */
  openWebPage(view: WebPageView): WebPage
  /**
   * The back gesture of the user. True when it went back one page; false when it showed its first page and has been
   * asked to close instead. Throws E_CLOSED once it has closed.
   */
  goBack(): boolean
  /**
   * Goes to another page. The promise is fulfilled when it is there, and rejected with the text and code that the
   * mini-program would see.
   *
   * ```ts
   * await applet.navigate({ type: 'navigateTo', url: '/pages/item/item?id=3' })
   * ```
   */
  navigate(route: PageRoute): Promise<void>
  /** The page stack, the first page first. */
  pages(): Promise<PageOnStack[]>
  /**
   * How the tab bar stands, for whoever draws it: what `app.json` says of it with what the mini-program has changed,
   * `visible`, and `selected`, the place of the page that is seen. Null without a tab bar.
   */
  tabBar(): Promise<Object | null>
  /** The elements of the page that is seen: a tree of `{tag, id, class, attributes, text, events, children}`. */
  pageTree(): Promise<Object>
  /** The data of the page that is seen. */
  pageData(): Promise<Object>
  /**
   * Sends an event to the first element of the page that `selector` finds, for instance `tap` on `#add`. False when
   * there is none.
   */
  pageEvent(selector: string, type: string, detail?: Object): Promise<boolean>
  /**
   * Calls a hook of the page that is seen, as a view does when the user pulls down or scrolls: `onPullDownRefresh`,
   * `onReachBottom`, `onPageScroll`, `onResize`, `onTabItemTap`, `onShareAppMessage` and their like.
   */
  pageHook(name: string, argument?: Object): Promise<void>
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
  /**
   * Sets who answers a built-in that only the host can answer, such as 'chooseImage' or 'getLocation', for all mini-programs. The
   * library has checked the parameters, has put in what was not given, and checks what is answered; files go both
   * ways with paths of their own. The handler answers as one of a custom API does. One set before is replaced.
   * Throws E_PARAM when no built-in of that name is answered by the host, E_CLOSED after shutdown.
   *
   * ```ts
   * client.setProvider('login', async (): Promise<Object> => ({ code: await account.code() }))
   * ```
   */
  setProvider(name: string, handler: (args: InvokeArgs) => Object | void): void
  /**
   * Takes a provider back: the next one answers, the one of the configuration, if there is one. Calls that run keep theirs.
   * False when there was none. Throws E_PARAM as setProvider does.
   */
  removeProvider(name: string): boolean
  /** Starts a mini-program, or gives the one that runs under that id. */
  startApplet(request: AppletRequest): Promise<AppletClient>
  /**
   * Tells how a mini-program is started when another one opens it with `navigateToMiniProgram` before this app ever
   * started it. One that was started once is known by its last request.
   */
  addApplet(request: AppletRequest): void
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
  /**
   * Calls a function of an H5 page: one that the page registered with `ft.registNativeAPIHandler`. `params` is JSON
   * text, any other text, or an object; `webViewId` is the number of the page, 0 or nothing the one on top. Without a
   * callback it gives a Promise of what the function returned, which is rejected with what `onError` would tell.
   * Wrong arguments are told in the same way; only a callback that is none throws E_PARAM.
   *
   * ```ts
   * const answer = await client.callJS('demo', 'app2jsFunction', { a: 1 })
   * ```
   */
  callJS(appId: string, func: string, params?: string | Object, webViewId?: number, callback?: PageCallback): Promise<Object | null> | undefined
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
  /**
   * Gives back memory: collects garbage; when it is low, drops what is kept only to be quick; when it is critical,
   * closes mini-programs in the background as well, the one that went there first first.
   */
  setMemoryLevel(level: 'moderate' | 'low' | 'critical'): void
  /** Where a path of a running mini-program, such as `wxfile://usr/a`, lies on the disk, there or not. */
  translatePath(appId: string, path: string): string
  /** The path under which a running mini-program knows a file of its own, from where it lies on the disk. */
  appletPath(appId: string, path: string): string
  /** Removes what a mini-program keeps for a user, and its compiled code; the user of the configuration if none is given. */
  clearAppletData(appId: string, user?: string): void
  /** Lists the packages from servers that are kept on disk, sorted by id. */
  cachedPackages(): Promise<Array<CachedPackage>>
  /**
   * Removes the cached package of one mini-program, or of all that do not run. The files go away soon. Throws E_BUSY
   * while the mini-program runs.
   */
  clearPackageCache(appId?: string): void
  /** What has been counted for a running mini-program. */
  counters(appId: string): CallCounters
  /** What became of the events that mini-programs reported, since this client was made. */
  reportCounters(): ReportCounters
  /** Sets the one listener for what happens to mini-programs; undefined takes it away. */
  setLifeCycleListener(listener?: (event: LifeCycleEvent) => void): void
  /**
   * Sets who shows the web-views of mini-programs; null takes it away, and then they stay empty. It is told of each
   * <web-view> that opens, and attaches a view at once or later. Throws E_CLOSED after shutdown.
   */
  setWebViews(shows: ((opening: WebViewOpening) => void) | null): void
  /**
   * Ends all calls with E_CLOSED and closes all mini-programs. The promise is fulfilled when that is done, after at
   * most two seconds; then a new client may be made.
   */
  shutdown(): Promise<void>
}

/** One H5 page. The browser that shows it tells what happens there. */
export declare class WebPage {
  /** The number of the page: webViewId of callJS. */
  get webViewId(): number
  /** Whether the page is gone. */
  get isClosed(): boolean
  /**
   * ArkWeb's permission list for the object through which pages call, as JSON text: pages of the mini-program's own
   * origins see it, and of those that registrations name.
   */
  get proxyPermission(): string
  /**
   * A document was committed in the top frame, one from the browser's memory included, and none of its scripts has
   * said anything yet. What the document before has open ends.
   */
  committed(url: string): void
  /** The document that was committed last is there with all that belongs to it. */
  loaded(url: string): void
  /** A document could not be loaded into the top frame; `text` says why, for people. */
  failed(url: string, text: string): void
  /** Whether the browser's history has a document before this one. To be told whenever that changes. */
  canGoBack(can: boolean): void
  /**
   * Whether the top frame may go to an address: to the mini-program's package and its business domains, and anywhere
   * in development. To be asked before the browser goes there.
   */
  mayShow(url: string): boolean
  /**
   * Whether an address is that of a file in the package, there or not: the browser gets it from webFile, never from the
   * network.
   */
  isWebFile(url: string): boolean
  /** The file of the package at an address; null when there is none, and for any other address. */
  webFile(url: string): Promise<WebFile | null>
  /**
   * A frame has called the object's function of this name. `frameUrl` is the address of the frame that called, from
   * the browser and never from the message; a frame within the page is refused. Never throws for what a page says.
   */
  webInvoke(frameUrl: string, isTop: boolean, name: string, params: string, id: number): void
  /**
   * The same for the function invokeHandler, which FinClip's base library calls. Gives the text that the function
   * returns to the page; nothing for all but synchronous calls, whose answers come as scripts.
   */
  invoke(frameUrl: string, isTop: boolean, name: string, params: string, id: number): string | null
  /** The same for the function publishHandler. */
  publish(frameUrl: string, isTop: boolean, event: string, params: string, webViewIds: string): void
  /**
   * Serves the page without ArkTS from its next load on, if ArkWeb can: messages and scripts go between ArkWeb and the
   * library directly, and the view is asked for no scripts any more. `webTag` is that of the component's
   * WebviewController, which is attached: call it in onControllerAttached, in the place of registerJavaScriptProxy.
   * Everything else stays with the host. False when it cannot be: the system is older than API 18, the page is gone or
   * served already; then serve it as always. Synchronous calls of FinClip's base library get no value this way.
   */
  serveNatively(webTag: string): boolean
  /** The view is gone, or its renderer is: the page's calls end, and nothing is heard of it any more. */
  close(): void
}

/** The <web-view> of a mini-program's page, which waits for a view. */
export declare class WebViewOpening {
  /** The id of the mini-program. */
  get appId(): string
  /** The number of the mini-program's page, and of the H5 page in it: webViewId. */
  get pageId(): number
  /** The path of the mini-program's page in its package. */
  get path(): string
  /** The address to begin with: checked, absolute. */
  get url(): string
  /**
   * Gives the page its view, which is asked to load the address once this has returned. Throws E_PARAM when the view
   * lacks a function, E_CLOSED when the mini-program has been closed, E_PAGE_GONE when the page has.
   */
  attach(view: WebPageView): WebPage
}
