/** What calls an agent back to the screen: a short sound, the count in the tab's title, desktop notifications. */

import { defineStore } from 'pinia'
import { ref } from 'vue'
import { usePreferences } from './preferences'

type Permission = NotificationPermission | 'unsupported'

interface Tone {
  hz: number
  at: number
  seconds: number
}

const offerTones: readonly Tone[] = [
  { hz: 659, at: 0, seconds: 0.14 },
  { hz: 880, at: 0.16, seconds: 0.22 },
]
const messageTones: readonly Tone[] = [{ hz: 587, at: 0, seconds: 0.12 }]
const VOLUME = 0.12

function permission(): Permission {
  return 'Notification' in window ? Notification.permission : 'unsupported'
}

export const useAlerts = defineStore('alerts', () => {
  const preferences = usePreferences()
  const allowed = ref<Permission>(permission())
  let audio: AudioContext | null = null

  /** Browsers let a page sound only after the person has done something on it. */
  function unlock(): void {
    if (!('AudioContext' in window)) return
    audio ??= new AudioContext()
    if (audio.state === 'suspended') void audio.resume().catch(() => undefined)
  }

  function play(tones: readonly Tone[]): void {
    if (!preferences.sound || !audio || audio.state !== 'running') return
    for (const tone of tones) {
      const start = audio.currentTime + tone.at
      const oscillator = audio.createOscillator()
      const gain = audio.createGain()
      oscillator.type = 'sine'
      oscillator.frequency.value = tone.hz
      gain.gain.setValueAtTime(0, start)
      gain.gain.linearRampToValueAtTime(VOLUME, start + 0.02)
      gain.gain.exponentialRampToValueAtTime(0.001, start + tone.seconds)
      oscillator.connect(gain).connect(audio.destination)
      oscillator.start(start)
      oscillator.stop(start + tone.seconds + 0.05)
    }
  }

  return {
    allowed,
    listenForGesture(): void {
      for (const gesture of ['pointerdown', 'keydown']) window.addEventListener(gesture, unlock, { passive: true })
    },
    offerSound: () => play(offerTones),
    messageSound: () => play(messageTones),
    /** Only ever called from a click. */
    async ask(): Promise<void> {
      if (!('Notification' in window)) return
      await Notification.requestPermission()
      allowed.value = permission()
    },
    /** Shows a notification while the page is out of sight. Never with the customer's words: screens are seen by others. */
    notify(title: string, body: string, tag: string, onClick: () => void): void {
      if (allowed.value !== 'granted' || !document.hidden) return
      try {
        const shown = new Notification(title, { body, tag })
        shown.onclick = () => {
          window.focus()
          shown.close()
          onClick()
        }
      } catch {
        // some mobile browsers have the constructor and forbid it
      }
    },
  }
})
