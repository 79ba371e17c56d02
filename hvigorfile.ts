// The tasks that hvigor has for the whole app. Marked as not run.
import { appTasks } from '@ohos/hvigor-ohos-plugin'

export default { system: appTasks, plugins: [] }
