/** The search for canned replies that opens when a reply begins with a slash, and the blanks that one leaves. */

import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { FoundReply } from '@/api/replies'
import { useGateway } from '@/gateway'
import { draftOf, keepDraft } from '@/stores/drafts'

const SEARCH_AFTER_MS = 120
const QUERY = /^\/([^\n]{0,60})$/

/** What one looks for, without the slash; null where no search is wanted. */
export function wanted(text: string): string | null {
  return QUERY.exec(text)?.[1] ?? null
}

/** The place of the next blank from `from` on, going round at the end; null where there is none. */
export function nextBlank(text: string, blanks: readonly string[], from: number): { start: number; end: number } | null {
  const places = blanks.flatMap((blank) => {
    const found: { start: number; end: number }[] = []
    for (let at = text.indexOf(blank); at >= 0; at = text.indexOf(blank, at + blank.length)) found.push({ start: at, end: at + blank.length })
    return found
  })
  places.sort((a, b) => a.start - b.start)
  return places.find((place) => place.start >= from) ?? places[0] ?? null
}

/** `draft`: what the words are a draft of, where that is not the conversation itself. */
export function useCannedReplies(conversation: () => string, text: Ref<string>, draft: () => string = conversation) {
  const items = shallowRef<readonly FoundReply[]>([])
  const at = ref(0)
  const loading = ref(false)
  const failed = ref<unknown>(null)
  /** Closed for this text, which is meant as it stands. */
  const dismissed = ref('')
  const blanks = ref<string[]>([])
  let round: AbortController | null = null
  let wait: ReturnType<typeof setTimeout> | undefined

  const query = computed(() => (dismissed.value !== '' && text.value.startsWith(dismissed.value) ? null : wanted(text.value)))
  const chosen = computed(() => items.value[at.value] ?? null)
  const unfilled = computed(() => blanks.value.filter((blank) => text.value.includes(blank)))
  /** Kept with the draft: a blank is noticed after a reload, too. */
  const kept = () => `blanks:${draft()}`

  async function search(words: string): Promise<void> {
    round?.abort()
    const mine = (round = new AbortController())
    loading.value = true
    failed.value = null
    try {
      const found = await useGateway().api.searchReplies({ q: words, conversation: conversation() }, mine.signal)
      if (mine.signal.aborted) return
      items.value = found.items
      at.value = 0
    } catch (error) {
      if (mine.signal.aborted) return
      items.value = []
      failed.value = error
    } finally {
      if (round === mine) loading.value = false
    }
  }

  watch(query, (words) => {
    clearTimeout(wait)
    if (words === null) {
      round?.abort()
      items.value = []
      return
    }
    loading.value = true
    wait = setTimeout(() => void search(words), SEARCH_AFTER_MS)
  })
  watch(text, (now) => {
    if (!now.startsWith('/')) dismissed.value = ''
    if (now === '') setBlanks([])
  })
  watch(draft, () => (blanks.value = draftOf(kept()).split('\n').filter(Boolean)), { immediate: true })
  onScopeDispose(() => {
    clearTimeout(wait)
    round?.abort()
  })

  function setBlanks(next: string[]): void {
    if (next.length === 0 && blanks.value.length === 0) return
    blanks.value = next
    keepDraft(kept(), next.join('\n'))
  }

  return {
    items,
    at,
    loading,
    failed,
    query,
    chosen,
    unfilled,
    /** The words for the reply box. */
    take(reply: FoundReply): string {
      void useGateway().api.useReply(reply.id).catch(() => undefined) // only a count
      setBlanks([...new Set([...unfilled.value, ...reply.blanks])])
      return reply.rendered
    },
    move(by: 1 | -1): void {
      const { length } = items.value
      if (length > 0) at.value = (at.value + by + length) % length
    },
    dismiss: () => (dismissed.value = text.value),
    again: () => void search(query.value ?? ''),
  }
}
