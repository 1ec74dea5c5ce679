/** Who else has the conversation open, and what they are told of this agent. */

import { beforeEach, expect, test } from 'vitest'
import { useColleagues } from '@/stores/colleagues'
import { useInbox } from '@/stores/inbox'
import { useLive } from '@/stores/live'
import { fakeGateway, freshPinia, type FakeGateway } from '../mount'

let gateway: FakeGateway

beforeEach(() => {
  freshPinia()
  gateway = fakeGateway({})
  useLive().start(() => undefined)
  gateway.sockets[0]?.says({ type: 'hello' })
})

const told = () =>
  (gateway.sockets.at(-1)?.sent ?? []).flatMap((frame) => {
    const { type, conversation_id, doing } = frame as { type: string; conversation_id?: string; doing?: string }
    return type === 'attend' ? [[conversation_id, doing]] : []
  })

test('opening, writing, resting and leaving are told, each once', () => {
  const colleagues = useColleagues()
  colleagues.open('a')
  colleagues.writes('noting')
  colleagues.writes('noting')
  gateway.timers.pass(7_000)
  colleagues.open('')
  expect(told()).toEqual([['a', 'viewing'], ['a', 'noting'], ['a', 'viewing'], ['', 'viewing']])
})

test('after the line was lost it is told again', () => {
  useColleagues().open('a')
  gateway.sockets[0]?.breaks()
  gateway.timers.pass(5_000)
  gateway.sockets.at(-1)?.says({ type: 'hello' })
  expect(gateway.sockets.length).toBe(2)
  expect(told()).toEqual([['a', 'viewing']])
})

test('only who has this conversation open is shown', () => {
  const colleagues = useColleagues()
  colleagues.open('a')
  const bob = { id: 'bob', name: '小林', doing: 'noting' as const }
  useInbox().receive({ type: 'attending', conversation_id: 'b', people: [bob] })
  expect(colleagues.here).toEqual([])
  useInbox().receive({ type: 'attending', conversation_id: 'a', people: [bob] })
  expect(colleagues.here).toEqual([bob])
  colleagues.open('b')
  expect(colleagues.here).toEqual([])
})
