/** Timers of a worker: a browser lets those of a page in the background fire only once a minute, too late for a heartbeat. */

interface Order {
  id: number
  /** null: cancel it. */
  ms: number | null
}

const running = new Map<number, ReturnType<typeof setTimeout>>()

self.onmessage = ({ data: { id, ms } }: MessageEvent<Order>) => {
  clearTimeout(running.get(id))
  running.delete(id)
  if (ms === null) return
  const due = () => {
    running.delete(id)
    self.postMessage(id)
  }
  running.set(id, setTimeout(due, ms))
}
