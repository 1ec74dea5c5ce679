/** What was found, page by page. A newer question makes an older answer void. */

import { ref, shallowRef } from 'vue'
import type { FoundMessage, FoundPage, MessageSearch } from '@/api/search'
import { useGateway } from '@/gateway'

export function useFound() {
  const items = shallowRef<FoundMessage[]>([])
  const next = ref<string | null>(null)
  const loading = ref(false)
  const failed = shallowRef<unknown>(null)
  /** The last answer: whether it is complete, and how far back it goes. */
  const answer = shallowRef<FoundPage | null>(null)
  let asked: MessageSearch | null = null
  let round = 0

  async function page(search: MessageSearch, cursor: string | null): Promise<void> {
    const mine = (round += 1)
    loading.value = true
    failed.value = null
    try {
      const found = await useGateway().api.searchMessages(search, cursor)
      if (mine !== round) return
      items.value = cursor ? [...items.value, ...found.items] : found.items
      next.value = found.next
      answer.value = found
    } catch (error) {
      if (mine === round) failed.value = error
    } finally {
      if (mine === round) loading.value = false
    }
  }

  function clear(): void {
    round += 1
    items.value = []
    next.value = null
    answer.value = null
    failed.value = null
    loading.value = false
  }

  return {
    items,
    next,
    loading,
    failed,
    answer,
    clear,
    async search(wanted: MessageSearch): Promise<void> {
      clear()
      asked = wanted
      await page(wanted, null)
    },
    async more(): Promise<void> {
      if (asked && next.value && !loading.value) await page(asked, next.value)
    },
  }
}

export type Found = ReturnType<typeof useFound>
