/** The parts of the knowledge page, in their order. Each is an address of its own: `#/knowledge/<tab>/<item>`. */

export const tabs = ['entries', 'misses', 'import', 'documents', 'releases', 'try'] as const
export type Tab = (typeof tabs)[number]

export function tabOf(param: unknown): Tab {
  return tabs.find((tab) => tab === param) ?? 'entries'
}
