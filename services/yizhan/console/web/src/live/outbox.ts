/**
 * The agent's own messages between "Enter" and their place on the transcript. Per conversation they go out one after
 * another, so that their order is the one in which they were written. A message whose outcome is not known is sent
 * again under the same client_id, which the gateway takes once. Every message ends on the transcript or in a visible
 * failure with a reason; none disappears.
 */

import type { Content, Media, Message, SuggestionUse } from '@/api/types'
import type { Timers } from './connection'

export type PendingState =
  | 'uploading'
  | 'sending'
  /** Not handed over yet, or nobody knows whether it was; goes out again by itself. */
  | 'waiting'
  /** Durable at the gateway, not yet on the transcript. */
  | 'accepted'
  | 'failed'

export interface Pending {
  readonly clientId: string
  readonly conversationId: string
  readonly epoch: number
  readonly content: Content | null
  /** What is still to be uploaded; gone after a reload of the page. */
  readonly file: File | null
  /** A local address of the file for the preview. */
  readonly previewUrl: string
  readonly writtenAt: string
  readonly state: PendingState
  readonly messageId: string
  /** A code, with `failed`. */
  readonly reason: string
  /** What became of the answers that were suggested. */
  readonly suggestion?: SuggestionUse | null
}

/** How an attempt ended without success. */
export interface Refusal {
  code: string
  /** The same attempt may work later without anybody changing anything. */
  passing: boolean
  retryAfterMs: number | null
}

export interface OutboxStorage {
  load(): Pending[]
  save(pending: Pending[]): void
}

export interface OutboxOptions {
  upload(file: File): Promise<Media>
  say(pending: Pending, content: Content): Promise<{ message_id: string }>
  refusalOf(error: unknown): Refusal
  newId(): string
  now(): Date
  previewOf(file: File): string
  releasePreview(url: string): void
  timers: Timers
  storage: OutboxStorage
  onChange(pending: readonly Pending[]): void
  /** An accepted message did not appear in time: the transcript should be fetched from its cursor. */
  onOverdue(conversationId: string): void
}

export const OVERDUE_MS = 10_000
const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 30_000

/** Reasons after which the gateway has certainly not taken the message, so that a new attempt gets a new identity. */
function settled(reason: string): boolean {
  return reason !== 'unconfirmed'
}

export class Outbox {
  private items: Pending[] = []
  private readonly busy = new Set<string>()
  private readonly pauses = new Map<string, number>()
  private readonly retries = new Map<string, unknown>()
  private readonly overdue = new Map<string, unknown>()
  private readonly options: OutboxOptions

  constructor(options: OutboxOptions) {
    this.options = options
  }

  get pending(): readonly Pending[] {
    return this.items
  }

  /** Takes up what an earlier load of the page left behind. */
  restore(): void {
    this.items = this.options.storage.load().map((item) => ({
      ...item,
      file: null,
      previewUrl: '',
      state: item.state === 'failed' ? 'failed' : item.content ? 'waiting' : 'failed',
      reason: item.content || item.state === 'failed' ? item.reason : 'file_lost',
    }))
    this.changed()
    this.flush()
  }

  sendText(conversationId: string, epoch: number, text: string, suggestion: SuggestionUse | null = null): string {
    return this.add(conversationId, epoch, { type: 'text', text }, null, suggestion)
  }

  /** What lies in the gateway's store already: an attachment of the knowledge. */
  sendStored(conversationId: string, epoch: number, content: Content): string {
    return this.add(conversationId, epoch, content, null)
  }

  sendFile(conversationId: string, epoch: number, file: File): string {
    return this.add(conversationId, epoch, null, file)
  }

  /** Tries a failed message again, under the ownership that the agent has now. */
  retry(clientId: string, epoch: number): void {
    const item = this.find(clientId)
    if (!item || item.state !== 'failed') return
    const fresh = settled(item.reason) ? this.options.newId() : item.clientId
    this.replace(clientId, {
      ...item,
      clientId: fresh,
      epoch,
      state: 'waiting',
      reason: '',
      messageId: fresh === clientId ? item.messageId : '',
    })
    this.pump(item.conversationId)
  }

  discard(clientId: string): void {
    this.remove([clientId])
  }

  /** Messages that are on the transcript now. */
  confirm(conversationId: string, messages: readonly Message[]): void {
    const here = this.items.filter((item) => item.conversationId === conversationId)
    if (here.length === 0) return
    const ids = new Set(messages.map((message) => message.id))
    const clientIds = new Set(messages.map((message) => message.client_id).filter(Boolean))
    const arrived = here.filter((item) => clientIds.has(item.clientId) || (item.messageId && ids.has(item.messageId)))
    if (arrived.length > 0) this.remove(arrived.map((item) => item.clientId))
  }

  /** The conversation's single writer would not take it. */
  refuse(clientId: string, reason: string): void {
    const item = this.find(clientId)
    if (item) this.fail(item, reason)
  }

  /** After a return of the connection: everything that is not on the transcript goes out again, same client_id. */
  flush(): void {
    this.pauses.clear()
    for (const timer of this.retries.values()) this.options.timers.clear(timer)
    this.retries.clear()
    this.items = this.items.map((item) =>
      item.state === 'accepted' && !this.busy.has(item.conversationId) ? { ...item, state: 'waiting' } : item,
    )
    this.changed()
    for (const conversation of new Set(this.items.map((item) => item.conversationId))) this.pump(conversation)
  }

  stop(): void {
    for (const timer of [...this.retries.values(), ...this.overdue.values()]) this.options.timers.clear(timer)
    this.retries.clear()
    this.overdue.clear()
    for (const item of this.items) if (item.previewUrl) this.options.releasePreview(item.previewUrl)
    this.items = []
    this.options.onChange([])
  }

  private add(conversationId: string, epoch: number, content: Content | null, file: File | null, suggestion: SuggestionUse | null = null): string {
    const clientId = this.options.newId()
    this.items = [
      ...this.items,
      {
        clientId,
        conversationId,
        epoch,
        content,
        file,
        previewUrl: file ? this.options.previewOf(file) : '',
        writtenAt: this.options.now().toISOString(),
        state: 'waiting',
        messageId: '',
        reason: '',
        suggestion,
      },
    ]
    this.changed()
    this.pump(conversationId)
    return clientId
  }

  private pump(conversationId: string): void {
    if (this.busy.has(conversationId) || this.retries.has(conversationId)) return
    const next = this.items.find((item) => item.conversationId === conversationId && item.state === 'waiting')
    if (!next) return
    this.busy.add(conversationId)
    void this.attempt(next).finally(() => {
      this.busy.delete(conversationId)
      this.pump(conversationId)
    })
  }

  private async attempt(item: Pending): Promise<void> {
    try {
      const content = item.content ?? (await this.uploaded(item))
      this.update(item.clientId, { content, state: 'sending' })
      const { message_id } = await this.options.say({ ...item, content }, content)
      this.pauses.delete(item.conversationId)
      this.accepted(item.clientId, message_id)
    } catch (error) {
      this.attemptFailed(item, this.options.refusalOf(error))
    }
  }

  private async uploaded(item: Pending): Promise<Content> {
    this.update(item.clientId, { state: 'uploading' })
    if (!item.file) throw new Error('a pending message has neither content nor file')
    const media = await this.options.upload(item.file)
    return { type: media.mime.startsWith('image/') ? 'image' : 'file', media }
  }

  private accepted(clientId: string, messageId: string): void {
    if (!this.find(clientId)) return // its frame was faster than the answer
    this.update(clientId, { state: 'accepted', messageId })
    this.watchOverdue(clientId, () => {
      const item = this.find(clientId)
      if (!item || item.state !== 'accepted') return
      this.options.onOverdue(item.conversationId)
      this.watchOverdue(clientId, () => {
        const still = this.find(clientId)
        if (still?.state === 'accepted') this.fail(still, 'unconfirmed')
      })
    })
  }

  private watchOverdue(clientId: string, run: () => void): void {
    this.options.timers.clear(this.overdue.get(clientId))
    this.overdue.set(clientId, this.options.timers.set(run, OVERDUE_MS))
  }

  private attemptFailed(item: Pending, refusal: Refusal): void {
    if (!this.find(item.clientId)) return
    if (!refusal.passing) {
      this.fail(item, refusal.code)
      return
    }
    const pause = this.pauses.get(item.conversationId) ?? FIRST_PAUSE_MS
    this.pauses.set(item.conversationId, Math.min(LONGEST_PAUSE_MS, pause * 2))
    this.update(item.clientId, { state: 'waiting', reason: refusal.code })
    this.retries.set(
      item.conversationId,
      this.options.timers.set(() => {
        this.retries.delete(item.conversationId)
        this.pump(item.conversationId)
      }, refusal.retryAfterMs ?? pause),
    )
  }

  private fail(item: Pending, reason: string): void {
    this.options.timers.clear(this.overdue.get(item.clientId))
    this.overdue.delete(item.clientId)
    this.update(item.clientId, { state: 'failed', reason })
  }

  private find(clientId: string): Pending | undefined {
    return this.items.find((item) => item.clientId === clientId)
  }

  private update(clientId: string, change: Partial<Pending>): void {
    const item = this.find(clientId)
    if (item) this.replace(clientId, { ...item, ...change })
  }

  private replace(clientId: string, item: Pending): void {
    this.items = this.items.map((other) => (other.clientId === clientId ? item : other))
    this.changed()
  }

  private remove(clientIds: string[]): void {
    for (const clientId of clientIds) {
      const item = this.find(clientId)
      if (item?.previewUrl) this.options.releasePreview(item.previewUrl)
      this.options.timers.clear(this.overdue.get(clientId))
      this.overdue.delete(clientId)
    }
    this.items = this.items.filter((item) => !clientIds.includes(item.clientId))
    this.changed()
  }

  private changed(): void {
    this.options.storage.save(this.items)
    this.options.onChange(this.items)
  }
}
