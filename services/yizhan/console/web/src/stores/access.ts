/** Who may see which page. The gateway decides for itself; this only spares people doors that are locked. */

import type { Role } from '@/api/types'

export type PageName = 'inbox' | 'tickets' | 'search' | 'replies' | 'knowledge' | 'board' | 'numbers' | 'team' | 'hours' | 'users' | 'profile'

const allowed: Record<PageName, readonly Role[] | 'everyone'> = {
  inbox: ['agent', 'supervisor', 'admin'],
  tickets: ['agent', 'supervisor', 'admin'],
  search: ['agent', 'supervisor', 'admin'],
  replies: ['agent', 'supervisor', 'editor', 'admin'],
  knowledge: ['editor', 'supervisor', 'admin'],
  board: ['supervisor', 'admin'],
  numbers: ['supervisor', 'admin'],
  team: ['supervisor', 'admin'],
  hours: ['supervisor', 'admin'],
  users: ['admin'],
  profile: 'everyone',
}

export const pages: readonly PageName[] = ['inbox', 'tickets', 'search', 'knowledge', 'replies', 'board', 'numbers', 'team', 'hours', 'users', 'profile']

export function maySee(page: PageName, roles: readonly Role[]): boolean {
  const who = allowed[page]
  return who === 'everyone' || who.some((role) => roles.includes(role))
}

export function firstPage(roles: readonly Role[]): PageName {
  return pages.find((page) => maySee(page, roles)) ?? 'profile'
}
