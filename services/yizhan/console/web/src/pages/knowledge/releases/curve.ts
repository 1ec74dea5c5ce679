/** The risk-coverage curve as lines of a chart. Pure. */

import type { CurvePoint, Training } from '@/api/types'

export interface Frame {
  width: number
  height: number
  left: number
  bottom: number
  top: number
  right: number
}

export const FRAME: Frame = { width: 420, height: 220, left: 44, bottom: 30, top: 12, right: 14 }

export interface Chart {
  path: string
  dot: { x: number; y: number }
  /** Marks of the two axes. */
  across: { x: number; share: number }[]
  up: { y: number; share: number }[]
}

/** Precision is interesting near its top: the scale begins at the tenth below the lowest point. */
export function chart(training: Training, frame: Frame = FRAME): Chart {
  const points = [...training.curve].sort((one, other) => one.coverage - other.coverage)
  const lowest = Math.min(0.9, training.precision, ...points.map((point) => point.precision))
  const floor = Math.max(0, Math.floor(lowest * 10 - 1e-9) / 10)
  const x = (share: number) => frame.left + share * (frame.width - frame.left - frame.right)
  const y = (share: number) => frame.top + ((1 - share) / (1 - floor)) * (frame.height - frame.top - frame.bottom)
  const step = 1 - floor > 0.5 ? 0.2 : 1 - floor > 0.2 ? 0.1 : 0.05
  const marks = Array.from({ length: Math.floor((1 - floor) / step + 1e-9) + 1 }, (_, at) => 1 - at * step)
  return {
    path: points.map((point, at) => `${at === 0 ? 'M' : 'L'}${x(point.coverage).toFixed(1)} ${y(point.precision).toFixed(1)}`).join(' '),
    dot: { x: x(training.coverage), y: y(training.precision) },
    across: [0, 0.25, 0.5, 0.75, 1].map((share) => ({ x: x(share), share })),
    up: marks.map((share) => ({ y: y(share), share })),
  }
}

/** At most `most` points, first and last among them, for the table beside the chart. */
export function thinned(curve: readonly CurvePoint[], most: number): CurvePoint[] {
  if (curve.length <= most) return [...curve]
  const step = (curve.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, at) => curve[Math.round(at * step)] as CurvePoint)
}
