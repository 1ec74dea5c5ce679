/** How a promised call stands. Pure. */

import type { PromisedCall } from '@/api/types'

const OPEN: readonly PromisedCall['state'][] = ['promised', 'due', 'missed', 'taken']

/** Whether the customer still expects to be called. */
export const callOpen = (call: PromisedCall): boolean => OPEN.includes(call.state)

/** Whether somebody was to be reached by now. */
export const callDue = (call: PromisedCall): boolean => callOpen(call) && call.state !== 'promised'
