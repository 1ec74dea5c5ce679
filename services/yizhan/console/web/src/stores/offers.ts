/** Conversations that are offered to this agent right now. */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Offer } from '@/api/types'
import { useGateway } from '@/gateway'
import type { OfferHint } from '@/live/frames'
import { useSession } from './session'

/** An offer is kept a little past its end, since the gateway's word on it is on its way. */
const GRACE_MS = 1_500

export const useOffers = defineStore('offers', () => {
  const all = shallowRef<readonly Offer[]>([])
  const loaded = ref(false)
  const busy = ref(new Set<string>())
  const announced = new Set<string>()
  let announce: (offer: Offer) => void = () => undefined
  let round = 0
  /** Offers that frames or answers told of since the list was asked for: of these it is old. */
  const told = new Set<string>()

  const items = computed(() => [...all.value].sort((a, b) => Date.parse(a.expires_at) - Date.parse(b.expires_at)))

  function tell(offers: readonly Offer[]): void {
    for (const offer of offers) {
      if (announced.has(offer.id)) continue
      announced.add(offer.id)
      announce(offer)
    }
  }

  async function refresh(): Promise<void> {
    if (!useSession().serves) return
    round += 1
    const mine = round
    told.clear()
    const { items: fresh } = await useGateway().api.offers()
    if (mine !== round) return // it was asked for again since
    const news = fresh.filter((offer) => !told.has(offer.id))
    all.value = [...all.value.filter((offer) => told.has(offer.id)), ...news]
    loaded.value = true
    tell(news)
  }

  function drop(id: string): void {
    told.add(id)
    all.value = all.value.filter((offer) => offer.id !== id)
  }

  return {
    items,
    loaded,
    busy,
    refresh,
    drop,
    /** Offers of a conversation, for the transcript's header. */
    of: (conversation: string) => items.value.find((offer) => offer.conversation_id === conversation) ?? null,
    hinted(hint: OfferHint): void {
      drop(hint.id)
      if (hint.change !== 'made') return
      const now = new Date(useGateway().clock.now()).toISOString()
      const offer: Offer = {
        id: hint.id,
        conversation_id: hint.conversation_id,
        customer_name: hint.customer_name ?? '',
        last_text: hint.last_text ?? '',
        reason: hint.reason ?? '',
        made_at: hint.made_at ?? now,
        expires_at: hint.expires_at ?? now,
        deadline: hint.deadline ?? null,
        epoch: hint.epoch ?? 0,
        reply_window: hint.reply_window ?? null,
        group_id: hint.group_id ?? null,
        priority: hint.priority ?? 1,
        from_agent_id: hint.from_agent_id ?? null,
        note: hint.note ?? '',
      }
      all.value = [...all.value, offer]
      tell([offer])
    },
    async accept(id: string): Promise<{ conversation_id: string; epoch: number }> {
      busy.value.add(id)
      try {
        const accepted = await useGateway().api.acceptOffer(id)
        drop(id)
        return accepted
      } finally {
        busy.value.delete(id)
      }
    },
    async decline(id: string): Promise<void> {
      busy.value.add(id)
      try {
        await useGateway().api.declineOffer(id)
        drop(id)
      } finally {
        busy.value.delete(id)
      }
    },
    /** Takes offers off the screen whose time is over. */
    expire(now: number): void {
      if (all.value.some((offer) => Date.parse(offer.expires_at) + GRACE_MS < now)) {
        all.value = all.value.filter((offer) => Date.parse(offer.expires_at) + GRACE_MS >= now)
      }
    },
    onNew(run: (offer: Offer) => void): void {
      announce = run
    },
    forget(): void {
      round += 1
      all.value = []
      loaded.value = false
      told.clear()
      announced.clear()
    },
  }
})
