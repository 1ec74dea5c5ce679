/** Which files may be sent. The gateway decides in the end; this spares an upload that would be refused. */

const MEGABYTE = 1024 * 1024
export const IMAGE_LIMIT = 10 * MEGABYTE
export const FILE_LIMIT = 20 * MEGABYTE

const endings = [
  'png', 'jpg', 'jpeg', 'gif', 'webp', 'mp3', 'wav', 'amr', 'ogg', 'm4a', 'mp4', 'webm',
  'pdf', 'txt', 'csv', 'docx', 'xlsx', 'pptx', 'zip',
]

/** For the file chooser. */
export const ACCEPTED = endings.map((ending) => `.${ending}`).join(',')

export type FileRefusal = { why: 'type' } | { why: 'size'; limitBytes: number }

export function refusalOfFile(file: File): FileRefusal | null {
  const ending = file.name.toLowerCase().split('.').at(-1) ?? ''
  const pasted = !file.name.includes('.') && file.type.startsWith('image/') && file.type !== 'image/svg+xml'
  if (!pasted && !endings.includes(ending)) return { why: 'type' }
  const limitBytes = file.type.startsWith('image/') ? IMAGE_LIMIT : FILE_LIMIT
  return file.size > limitBytes ? { why: 'size', limitBytes } : null
}
