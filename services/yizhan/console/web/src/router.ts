/** Pages and their addresses. Hash addresses, so that the gateway serves one file and needs no rewriting. */

import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import AppShell from '@/shell/AppShell.vue'
import { firstPage, type PageName } from '@/stores/access'
import { useSession } from '@/stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    page?: PageName
  }
}

/** Where a person's work begins. Before the session is known that is the sign-in page, which leads on by itself. */
function home(): { name: string } {
  const { user, roles } = useSession()
  return { name: user ? firstPage(roles) : 'signin' }
}

const routes: RouteRecordRaw[] = [
  { path: '/sign-in', name: 'signin', component: () => import('@/pages/SignInPage.vue') },
  {
    path: '/',
    component: AppShell,
    children: [
      {
        path: 'inbox/:box(offered|mine|queued|all|closed)?/:id?',
        name: 'inbox',
        meta: { page: 'inbox' },
        component: () => import('@/pages/inbox/InboxPage.vue'),
      },
      { path: 'tickets', name: 'tickets', meta: { page: 'tickets' }, component: () => import('@/pages/tickets/TicketsPage.vue') },
      { path: 'search', name: 'search', meta: { page: 'search' }, component: () => import('@/pages/search/SearchPage.vue') },
      {
        path: 'knowledge/:tab(entries|misses|import|documents|releases|try)?/:item?',
        name: 'knowledge',
        meta: { page: 'knowledge' },
        component: () => import('@/pages/knowledge/KnowledgePage.vue'),
      },
      { path: 'replies', name: 'replies', meta: { page: 'replies' }, component: () => import('@/pages/replies/RepliesPage.vue') },
      { path: 'numbers', name: 'numbers', meta: { page: 'numbers' }, component: () => import('@/pages/numbers/NumbersPage.vue') },
      { path: 'board', name: 'board', meta: { page: 'board' }, component: () => import('@/pages/board/BoardPage.vue') },
      { path: 'team/:tab(agents|groups|routes)?', name: 'team', meta: { page: 'team' }, component: () => import('@/pages/team/TeamPage.vue') },
      { path: 'hours/:tab(calendar|contract)?', name: 'hours', meta: { page: 'hours' }, component: () => import('@/pages/hours/HoursPage.vue') },
      { path: 'users', name: 'users', meta: { page: 'users' }, component: () => import('@/pages/users/UsersPage.vue') },
      { path: 'profile', name: 'profile', meta: { page: 'profile' }, component: () => import('@/pages/profile/ProfilePage.vue') },
      { path: '', name: 'home', redirect: home },
    ],
  },
  { path: '/:unknown(.*)*', redirect: '/' },
]

export const router = createRouter({ history: createWebHashHistory(), routes })

router.beforeEach(async (to) => {
  const session = useSession()
  if (!session.user) {
    try {
      await session.restore()
    } catch {
      return to.name === 'signin' ? true : { name: 'signin', query: { next: to.fullPath, offline: '1' } }
    }
  }
  if (!session.user) return to.name === 'signin' ? true : { name: 'signin', query: { next: to.fullPath } }
  if (to.name === 'signin') return home()
  const page = to.meta.page
  return page && !session.may(page) ? home() : true
})
