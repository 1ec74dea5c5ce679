/** Browser storage that never throws: it may be full, forbidden or hold nonsense. */

export interface Shelf<T> {
  load(): T
  save(value: T): void
}

export function shelf<T>(storage: Storage, key: string, otherwise: T, valid: (value: unknown) => value is T): Shelf<T> {
  return {
    load() {
      try {
        const text = storage.getItem(key)
        const value: unknown = text === null ? null : JSON.parse(text)
        return valid(value) ? value : otherwise
      } catch {
        return otherwise
      }
    },
    save(value) {
      try {
        storage.setItem(key, JSON.stringify(value))
      } catch {
        // full or forbidden: the console works without it
      }
    },
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const isString = (value: unknown): value is string => typeof value === 'string'
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
