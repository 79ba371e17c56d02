// Stands in for @kit.CameraKit: a user who takes no picture.

const camera = { CameraPosition: { CAMERA_POSITION_BACK: 1, CAMERA_POSITION_FRONT: 2 } }

const cameraPicker = {
  PickerMediaType: { PHOTO: 'photo', VIDEO: 'video' },
  pick: async () => ({ resultCode: -1, resultUri: '' }),
}

module.exports = { camera, cameraPicker }
