// The tasks that hvigor has for the HAR. The native library comes ready-made in libs/, so nothing native is built here.
// Marked as not run.
import { harTasks } from '@ohos/hvigor-ohos-plugin'

export default { system: harTasks, plugins: [] }
