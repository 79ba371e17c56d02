// The declarations as the author of a page uses them: the documented samples, and what must not compile.

import own, { ft as named } from '../../../jssdk/jssdk.js'

export const same: boolean = own === named && own === ft

export async function samples(): Promise<void> {
  ft.miniProgram.navigateTo({ url: '/path/to/page' }).catch((failure) => console.log(failure.errMsg))
  ft.miniProgram.postMessage({ data: { foo: 'bar' } })
  ft.miniProgram.getEnv((res) => console.log(res.env, res.version))
  ft.miniProgram.navigateBackMiniProgram({ extraData: {}, success: (res) => console.log(res.errMsg) })
  ft.miniProgram.onShow((res) => console.log(res.data.query))
  ft.chooseImage({
    count: 1,
    sizeType: ['original', 'compressed'],
    sourceType: ['album', 'camera'],
    success: (res) => {
      window.ft.miniProgram.getLocalImgData({
        path: res.tempFilePaths[0] ?? '',
        success: (image) => console.log(image.localData),
      })
    },
  })
  const { canGoBack } = await ft.canGoBack()
  const { latitude } = await ft.getLocation({ type: 'gcj02' })
  const { statusCode, data } = await ft.request({ url: 'https://some.url', method: 'GET', data: { param1: 'test' } })
  ft.callNativeAPI('js2AppFunction', { name: 'getLocation' }, (result) => console.log(result.address))
  const result = await ft.callNativeAPI(
    'js2AppFunction',
    { name: 'getColor' },
    { signal: new AbortController().signal },
  )
  const nothing: void = ft.getStorage({ key: 'k', complete: () => undefined })
  ft.onNativeAPIHandler('app2jsFunction', async (data) => ({ got: data }))
  const { pageId } = await ft.ready()
  const marks: 'miniprogram' | undefined = window.__fcjs_environment
  console.log(canGoBack, latitude, statusCode, data, result.r, nothing, pageId.toFixed(), marks)
}

export function mistakes(): void {
  // @ts-expect-error: a page has a path
  ft.miniProgram.switchTab({})
  // @ts-expect-error: no such kind of coordinates
  ft.getLocation({ type: 'mars' })
  // @ts-expect-error: with callbacks there is no promise
  ft.getLocation({ success: () => undefined }).then(() => undefined)
  // @ts-expect-error: a name is text
  ft.callNativeAPI(5)
  // @ts-expect-error: a handler is a function
  ft.onNativeAPIHandler('a', 5)
  // @ts-expect-error: no such function
  ft.unknown()
}
