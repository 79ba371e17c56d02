// Stands in for @kit.MediaLibraryKit: a picker that always gives the same picture, and an album that takes all.

const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

const folder = mkdtempSync(join(tmpdir(), 'finapp-album-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const picture = join(folder, 'IMG_1.gif')
// As much of a picture as tells its size.
writeFileSync(picture, 'GIF89a\x03\0\x02\0')

class PhotoSelectOptions {}

class PhotoViewPicker {
  async select() {
    return { photoUris: [`file://${picture}`], isOriginalPhoto: true }
  }
}

const photoAccessHelper = {
  PhotoSelectOptions,
  PhotoViewPicker,
  PhotoViewMIMETypes: { IMAGE_TYPE: 'image/*', VIDEO_TYPE: 'video/*', IMAGE_VIDEO_TYPE: '*/*' },
  PhotoType: { IMAGE: 1, VIDEO: 2 },
  getPhotoAccessHelper: () => ({ showAssetsCreationDialog: async () => [`file://${join(folder, 'saved.gif')}`] }),
}

module.exports = { photoAccessHelper }
