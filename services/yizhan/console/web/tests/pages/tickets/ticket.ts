import type { Ticket, TicketDetails } from '@/api/types'

export const NOW = Date.parse('2026-11-22T06:00:00Z')

export function ticket(change: Partial<Ticket> = {}): Ticket {
  return {
    id: 't1', number: 'T000001', type: 'question', priority: 'normal', status: 'open', title: '杯子碎了要补发', source: 'handoff', reason: 'requested',
    conversation_id: 'c1', channel: 'website', account: 'demo', customer: { id: 'v:abcd', name: '林女士' }, last_text: '转人工', agent: null, group_id: null,
    watchers: [], tags: [], created_at: '2026-11-22T04:00:00Z', updated_at: '2026-11-22T04:00:00Z', promised_by: '2026-11-23T04:00:00Z',
    response_due: '2026-11-22T06:30:00Z', solution_due: '2026-11-23T04:00:00Z', first_response_at: null, solved_at: null, closed_at: null, paused_at: null,
    customer_waiting_since: null, overdue: false, contact: null, callback: null, rating: null, rating_comment: '', rated_at: null, survey: null, survey_reason: null, surveyed_at: null, contract_version: 'c', calendar_version: 'k', merged_into: null, revision: 3, ...change,
  }
}

export function details(one: Ticket, change: Partial<TicketDetails> = {}): TicketDetails {
  return { ticket: one, history: [], notes: [], links: [], merged: [], followers: [], next_statuses: ['pending', 'on_hold', 'solved'], ...change }
}
