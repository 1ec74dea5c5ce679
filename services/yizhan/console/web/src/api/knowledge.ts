/** Calls about the knowledge: the draft, its releases, and trying questions. */

import { fileForm, type Http } from './http'
import { learningEndpoints } from './learning'
import type {
  AskResult,
  Build,
  BuiltRelease,
  Change,
  Comparison,
  Difference,
  Draft,
  DraftDocument,
  DraftEntry,
  DraftImport,
  DraftPage,
  EntryIn,
  Page,
  Publication,
  Release,
  ReleaseReport,
  ValidityFilter,
} from './types'

const IMPORT_MS = 150_000
/** A large release may have to be opened first. */
const OPENING_MS = 75_000

const id = encodeURIComponent

export interface Asked {
  question: string
  channel?: string
  release_id?: string
  /** As 2026-11-22; without: today. */
  day?: string | null
}

export function knowledgeEndpoints(http: Http) {
  return {
    ...learningEndpoints(http),

    release: () => http.call<{ release: Release | null }>('GET', 'knowledge/release'),
    ask: (asked: Asked) => http.call<AskResult>('POST', 'knowledge/ask', { json: asked, timeoutMs: OPENING_MS }),

    draft: () => http.call<Draft>('GET', 'knowledge/draft'),
    draftEntries: (query: { search?: string; category?: string; validity?: ValidityFilter | ''; cursor?: string | null }, signal?: AbortSignal) =>
      http.call<DraftPage>('GET', 'knowledge/draft/entries', { query, ...(signal ? { signal } : {}) }),
    draftEntry: (entry: string) => http.call<DraftEntry>('GET', 'knowledge/draft/entry', { query: { id: entry } }),
    putEntry: (entry: EntryIn, seen: number) =>
      http.call<DraftEntry>('POST', 'knowledge/draft/entries', { json: { entry, seen_revision: seen } }),
    deleteEntry: (entry: string, seen: number) =>
      http.call<void>('DELETE', 'knowledge/draft/entries', { query: { id: entry, seen_revision: seen } }),
    document: (name: string) => http.call<DraftDocument>('GET', 'knowledge/draft/document', { query: { name } }),
    putDocument: (name: string, text: string, seen: number) =>
      http.call<DraftDocument>('POST', 'knowledge/draft/document', { json: { name, text, seen_revision: seen } }),
    importDraft: (file: File, how: { merge: boolean; check: boolean }) =>
      http.call<DraftImport>('POST', 'knowledge/draft/import', {
        query: { ...(how.merge ? { merge: 1 } : {}), ...(how.check ? { check: 1 } : {}) },
        form: fileForm(file),
        timeoutMs: IMPORT_MS,
      }),
    exportAddress: (file: string, release = '') => http.address('knowledge/export', { file, release }),
    changes: (query: { name?: string; cursor?: string | null }) =>
      http.call<Page<Change>>('GET', 'knowledge/changes', { query }),

    startBuild: (note: string) => http.call<Build>('POST', 'knowledge/builds', { json: { note } }),
    build: (build: string) => http.call<Build>('GET', `knowledge/builds/${id(build)}`),
    builds: () => http.call<{ items: Build[] }>('GET', 'knowledge/builds'),
    releases: (cursor?: string | null) => http.call<Page<BuiltRelease>>('GET', 'knowledge/releases', { query: { cursor } }),
    report: (release: string) => http.call<ReleaseReport>('GET', `knowledge/releases/${id(release)}`),
    comparison: (release: string) =>
      http.call<Comparison>('GET', `knowledge/releases/${id(release)}/comparison`, { timeoutMs: OPENING_MS }),
    publish: (release: string, reason: string) =>
      http.call<Publication>('POST', `knowledge/releases/${id(release)}/publish`, {
        json: { forced_reason: reason },
        timeoutMs: OPENING_MS,
      }),
    rollBack: (release: string, reason: string) =>
      http.call<Publication>('POST', `knowledge/releases/${id(release)}/rollback`, { json: { reason }, timeoutMs: OPENING_MS }),
    publications: () => http.call<{ items: Publication[] }>('GET', 'knowledge/publications'),
    /** Without `before`: the published release; without `after`: the draft. */
    difference: (before: string, after: string) =>
      http.call<Difference>('GET', 'knowledge/diff', { query: { before, after }, timeoutMs: IMPORT_MS }),
  }
}
