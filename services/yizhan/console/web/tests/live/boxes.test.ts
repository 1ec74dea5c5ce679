// @vitest-environment node
import { describe, expect, test } from 'vitest'
import type { Conversation } from '@/api/types'
import { listed, sortKey, withHint, withLastMessage } from '@/live/boxes'
import { conversation, message } from './fakes'

const ids = (list: Conversation[]) => list.map((item) => item.id)
const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 9, minute)).toISOString()

describe('boxes', () => {
  const all = [
    conversation('mine', { state: 'assigned', agent: { id: 'me', name: 'Me' }, last_message_at: at(1) }),
    conversation('hers', { state: 'assigned', agent: { id: 'her', name: 'Her' }, last_message_at: at(5) }),
    conversation('late', { state: 'queued', handoff: { reason: 'requested', at: at(4) }, last_message_at: at(9) }),
    conversation('early', { state: 'offered', handoff: { reason: 'requested', at: at(2) }, last_message_at: at(3) }),
    conversation('done', { state: 'closed', last_message_at: at(8) }),
  ]

  test.each([
    ['mine', ['mine']],
    ['queued', ['early', 'late']],
    ['closed', ['done']],
    ['all', ['late', 'done', 'hers', 'early', 'mine']],
  ] as const)('%s shows %j', (box, expected) => {
    expect(ids(listed(box, all, 'me', null))).toEqual(expected)
  })

  test('what lies beyond the loaded pages is not shown with holes in between', () => {
    const horizon = sortKey('all', all[1] as Conversation)
    expect(ids(listed('all', all, 'me', horizon))).toEqual(['late', 'done', 'hers'])
  })
})

describe('hints', () => {
  test('a hint of an earlier ownership does not take the conversation back', () => {
    const known = conversation('a', { state: 'assigned', epoch: 4, agent: { id: 'me', name: 'Me' } })
    expect(withHint(known, { id: 'a', state: 'queued', epoch: 3, agent: null })).toBe(known)
  })

  test('a new owner replaces the old one', () => {
    const known = conversation('a', { state: 'assigned', epoch: 4, agent: { id: 'me', name: 'Me' } })
    expect(withHint(known, { id: 'a', state: 'bot', epoch: 5, agent: null })).toMatchObject({ state: 'bot', epoch: 5, agent: null })
  })

  test('the summary of a new message renews the row, that of an older one does not', () => {
    const known = conversation('a', { last_seq: 7, last_text: 'newest', epoch: 4, state: 'assigned' })
    const summary = { id: 'a', session: 1, last_author: 'customer' as const, last_message_at: '2026-11-22T10:00:00Z' }
    expect(withHint(known, { ...summary, last_seq: 6, last_text: 'older' }).last_text).toBe('newest')
    expect(withHint(known, { ...summary, last_seq: 8, last_text: 'newer' })).toMatchObject({ last_text: 'newer', epoch: 4, state: 'assigned' })
  })

  test('an older message does not replace the row of a newer one', () => {
    const known = conversation('a', { last_seq: 7, last_text: 'newest' })
    expect(withLastMessage(known, message(6), 'older').last_text).toBe('newest')
    expect(withLastMessage(known, message(8), 'newer')).toMatchObject({ last_seq: 8, last_text: 'newer' })
  })

  test('a system note moves the row without hiding what the customer said', () => {
    const known = conversation('a', { last_seq: 7, last_text: 'help' })
    const after = withLastMessage(known, message(8, 'system'), 'agent joined')
    expect(after).toMatchObject({ last_seq: 8, last_text: 'help', last_author: 'customer' })
  })
})
