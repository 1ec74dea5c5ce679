/** Words that depend on data: times, durations, sizes, problems, codes. Each takes the translate function it uses. */

import { Problem } from '@/api/problem'
import type { Content, Message } from '@/api/types'
import type { Allowed } from '@/live/reply-window'

export type Translate = (key: string, named?: Record<string, unknown>) => string
export type Exists = (key: string) => boolean

/** What happened to a request, in the person's language. */
export function explain(error: unknown, t: Translate, exists: Exists): string {
  if (!(error instanceof Problem)) return t('problem.fault')
  const coded = `problem.code.${error.code}`
  if (error.code && exists(coded)) return t(coded)
  return t(`problem.${error.kind}`)
}

/** A code's name where the catalogue has one, the code itself otherwise: never nothing. */
export function named(group: 'handoff' | 'reason' | 'channel', code: string, t: Translate, exists: Exists): string {
  const key = `${group}.${code}`
  return /^\w+$/.test(code) && exists(key) ? t(key) : code
}

const HOUR_MS = 3_600_000
const labelled = new Set(['image', 'file', 'voice', 'video', 'location', 'goods', 'order', 'logistics', 'refund'])

/** One line of a message for lists and notifications. */
export function preview(content: Content, t: Translate): string {
  const label = labelled.has(content.type) ? `[${t(`transcript.${content.type}`)}]` : ''
  switch (content.type) {
    case 'text':
      return content.text
    case 'menu':
      return content.prompt
    case 'choice':
      return [content.label || content.option_id, content.comment].filter(Boolean).join(' ')
    case 'link':
      return content.title || content.url
    case 'event':
      return content.text
    case 'file':
      return `${label} ${content.media.name}`
    case 'location':
      return `${label} ${content.label}`
    case 'goods':
      return `${label} ${content.title}`
    case 'order':
    case 'logistics':
      return `${label} ${content.order_id}`
    case 'refund':
      return `${label} ${content.refund_id}`
    default:
      return label
  }
}

/** A customer's name; who gave none is told apart by the end of the id. */
export function customerName(customer: { id: string; name: string }, t: Translate): string {
  return customer.name || `${t('customer.anonymous')} ${customer.id.slice(-4)}`.trim()
}

/** A length of time in at most two units: "45 秒", "3 分 20 秒", "2 小时 5 分". */
export function duration(ms: number, t: Translate): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return t('time.second', { n: seconds })
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) {
    const rest = seconds % 60
    return rest === 0 ? t('time.minute', { n: minutes }) : t('time.minuteSecond', { m: minutes, s: rest })
  }
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return t('time.hourMinute', { h: hours, m: minutes % 60 })
  return t('time.dayHour', { d: Math.floor(hours / 24), h: hours % 24 })
}

/** "4:05", for a countdown that changes every second. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const two = (n: number): string => String(n).padStart(2, '0')

export function clockTime(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}`
}

function dayNumber(at: Date): number {
  return Math.floor((at.getTime() - at.getTimezoneOffset() * 60_000) / 86_400_000)
}

export function sameDay(a: Date, b: Date): boolean {
  return dayNumber(a) === dayNumber(b)
}

function date(at: Date, now: number): string {
  const monthDay = `${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return at.getFullYear() === new Date(now).getFullYear() ? monthDay : `${at.getFullYear()}-${monthDay}`
}

/** For list rows: "刚刚", "5 分钟前", "09:30", "昨天 09:30", "11-20". */
export function relative(iso: string | null, now: number, t: Translate): string {
  if (!iso) return ''
  const at = new Date(iso)
  const age = now - at.getTime()
  if (Number.isNaN(age)) return ''
  if (age < 60_000) return t('time.now')
  if (age < 3_600_000) return t('time.minutesAgo', { n: Math.floor(age / 60_000) })
  if (sameDay(at, new Date(now))) return clockTime(at)
  if (dayNumber(new Date(now)) - dayNumber(at) === 1) return t('time.yesterday', { time: clockTime(at) })
  return date(at, now)
}

/** For separators and tables: the day where it is not today, and the time. */
export function moment(iso: string | null, now: number, t: Translate): string {
  if (!iso) return ''
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  if (sameDay(at, new Date(now))) return t('time.today', { time: clockTime(at) })
  if (dayNumber(new Date(now)) - dayNumber(at) === 1) return t('time.yesterday', { time: clockTime(at) })
  return `${date(at, now)} ${clockTime(at)}`
}

/** A time to come: "今天 14:05", "明天 14:05", "11月24日 14:05". */
export function until(iso: string, now: number, t: Translate): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  const time = clockTime(at)
  const days = dayNumber(at) - dayNumber(new Date(now))
  if (days === 0) return t('time.today', { time })
  if (days === 1) return t('time.tomorrow', { time })
  return t('time.onDay', { month: t(`time.month.m${at.getMonth() + 1}`), d: at.getDate(), time })
}

/** What may still be sent: "还可发送 3 条 · 11月24日 14:05 前", "还可发送 1 条 · 还剩 42 分", or why nothing may. */
export function allowance(allowed: Allowed, channel: string, now: number, t: Translate): string {
  if (allowed.state === 'closed') return t(`window.${allowed.reason}`, { channel })
  const { left, leftMs } = allowed
  const counted = left === null ? '' : 'Left'
  if (leftMs < HOUR_MS) return t(`window.soon${counted}`, { n: left, time: duration(leftMs, t) })
  return t(`window.open${counted}`, { n: left, time: until(allowed.until, now, t) })
}

/** Why a message has not reached the customer, or may not have: the reason, and what was done besides. */
export function unsent(message: Pick<Message, 'receipt' | 'receipt_reason' | 'fallback'>, t: Translate, exists: Exists): string[] {
  const reason = message.receipt_reason ?? ''
  switch (message.receipt) {
    case 'held':
      return [inWords('held', reason, t, exists), ...(message.fallback ? [fallen(message.fallback, t, exists)] : [])]
    case 'unknown':
      return [inWords('doubt', reason, t, exists)]
    case 'failed':
      return reason ? [named('reason', reason, t, exists)] : []
    default:
      return []
  }
}

/** Words for a reason; where the catalogue has none, what all of its group have in common. */
export function inWords(group: 'held' | 'doubt', code: string, t: Translate, exists: Exists): string {
  const key = `${group}.${code}`
  return /^\w+$/.test(code) && exists(key) ? t(key) : t(`${group}.other`)
}

function fallen(code: string, t: Translate, exists: Exists): string {
  const key = `fallback.${code}`
  return /^\w+$/.test(code) && exists(key) ? t(key) : code
}

export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

/** Latencies: "0.4 ms", "38 ms", "1.24 s". */
export function milliseconds(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
}

const NO_DIGITS = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' '))
const THREE_DIGITS = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '))

/** Digits after the point, as ISO 4217 and the gateway have it (`core/messages/money.py`); browsers differ in a few. */
function digitsOf(currency: string): number {
  return NO_DIGITS.has(currency) ? 0 : THREE_DIGITS.has(currency) ? 3 : 2
}

/** An amount in the currency's minor unit, as people write it. */
export function money(minor: number, currency: string): string {
  const digits = digitsOf(currency)
  const amount = (minor / 10 ** digits).toFixed(digits)
  return currency === 'CNY' || currency === '' ? `¥${amount}` : `${amount} ${currency}`
}

/** Characters as the gateway counts them: code points, so that an emoji is one and not two. */
export function characters(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}
