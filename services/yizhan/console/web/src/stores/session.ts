/** Who is signed in. */

import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { Problem } from '@/api/problem'
import type { Session, User } from '@/api/types'
import { useGateway } from '@/gateway'
import { maySee, type PageName } from './access'

export const useSession = defineStore('session', () => {
  const user = ref<User | null>(null)
  /** Signed out by the gateway, not by the person: the sign-in page says so. */
  const expired = ref(false)
  let asked: Promise<void> | null = null

  const me = computed(() => user.value?.id ?? '')
  const roles = computed(() => user.value?.roles ?? [])
  /** Sees conversations. */
  const attends = computed(() => maySee('inbox', roles.value))
  /** Serves customers: has presence and is offered conversations. */
  const serves = computed(() => roles.value.includes('agent'))
  /** May take conversations over and whisper. */
  const supervises = computed(() => roles.value.some((role) => role === 'supervisor' || role === 'admin'))
  const edits = computed(() => roles.value.some((role) => role === 'editor' || role === 'admin'))

  function enter(session: Session): void {
    useGateway().http.setCsrf(session.csrf)
    user.value = session.user
    expired.value = false
  }

  function leave(becauseExpired: boolean): void {
    useGateway().http.setCsrf('')
    expired.value = becauseExpired && user.value !== null
    user.value = null
  }

  async function ask(): Promise<void> {
    try {
      enter(await useGateway().api.session())
    } catch (error) {
      if (error instanceof Problem && error.kind !== 'unauthorized') throw error
    }
  }

  return {
    user,
    expired,
    me,
    roles,
    attends,
    serves,
    supervises,
    edits,
    may: (page: PageName) => maySee(page, roles.value),
    enter,
    leave,
    /** Takes up the session of the cookie once per page load. Fails when the gateway cannot be asked. */
    restore(): Promise<void> {
      asked ??= ask().catch((error: unknown) => {
        asked = null
        throw error
      })
      return asked
    },
    async signIn(username: string, password: string): Promise<void> {
      enter(await useGateway().api.signIn(username, password))
    },
  }
})
