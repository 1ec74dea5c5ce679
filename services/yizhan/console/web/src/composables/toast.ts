/** Short notes at the top of the page. */

import { ElMessage } from 'element-plus'

export const toast = {
  done: (message: string) => ElMessage({ type: 'success', message, grouping: true, duration: 2_500, plain: false }),
  note: (message: string) => ElMessage({ type: 'info', message, grouping: true, duration: 4_000 }),
  failed: (message: string) => ElMessage({ type: 'error', message, grouping: true, duration: 5_000, showClose: true }),
}
