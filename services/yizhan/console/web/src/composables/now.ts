/** The gateway's time, ticking, shared by everything on the page that shows it. */

import { onScopeDispose, ref, type Ref } from 'vue'
import { useGateway } from '@/gateway'

interface Ticker {
  value: Ref<number>
  users: number
  timer: ReturnType<typeof setInterval> | undefined
}

const tickers = new Map<number, Ticker>()

/** Milliseconds since the epoch, renewed every `everyMs` while anybody uses it. */
export function useNow(everyMs = 1_000): Ref<number> {
  const read = () => useGateway().clock.now()
  const ticker = tickers.get(everyMs) ?? { value: ref(read()), users: 0, timer: undefined }
  tickers.set(everyMs, ticker)
  ticker.users += 1
  ticker.value.value = read()
  ticker.timer ??= setInterval(() => (ticker.value.value = read()), everyMs)
  onScopeDispose(() => {
    ticker.users -= 1
    if (ticker.users > 0) return
    clearInterval(ticker.timer)
    tickers.delete(everyMs)
  })
  return ticker.value
}
