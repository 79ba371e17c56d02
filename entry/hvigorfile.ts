// The tasks that hvigor has for the demo app. Marked as not run.
import { hapTasks } from '@ohos/hvigor-ohos-plugin'

export default { system: hapTasks, plugins: [] }
