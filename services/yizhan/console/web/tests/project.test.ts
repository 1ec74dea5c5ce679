// @vitest-environment node
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { en } from '@/i18n/en'
import { zhCN } from '@/i18n/zh-CN'

const root = process.cwd()
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|vue|css)$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(root, 'src', name), 'utf8') }))
const code = sources.filter(({ name }) => !name.startsWith('i18n/zh') && !name.startsWith('i18n/en'))

type Tree = { [key: string]: string | Tree }
function leaves(tree: Tree, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string' ? [[`${prefix}${key}`, value] as const] : [...leaves(value, `${prefix}${key}.`)],
    ),
  )
}
const chinese = leaves(zhCN)
const english = leaves(en)

describe('words', () => {
  test('both languages fill in the same values', () => {
    const values = (text: string | undefined) => [...(text ?? '').matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()
    for (const [key, text] of chinese) expect(values(english.get(key)), key).toEqual(values(text))
  })

  test('every text can be shown', () => {
    // In the catalogue's language @ | and braces have a meaning of their own.
    for (const [key, text] of [...chinese, ...english]) expect(text.replaceAll(/\{'[@|]'\}|\{\w+\}/g, ''), key).not.toMatch(/[@|{}]/)
  })

  test('no text is left in the other language', () => {
    for (const [key, text] of english) expect(text, key).not.toMatch(/[\u4e00-\u9fff]/)
  })

  test('every key that is used exists', () => {
    for (const { name, text } of code) {
      for (const [, key] of text.matchAll(/\bt\('([\w.]+)'/g)) expect(chinese.has(key ?? ''), `${name}: ${key}`).toBe(true)
      for (const [, prefix] of text.matchAll(/\bt\(`([\w.]+)\.\$\{/g)) {
        const group = [...chinese.keys()].some((key) => key.startsWith(`${prefix}.`))
        expect(group, `${name}: ${prefix}.*`).toBe(true)
      }
    }
  })

  test('no Chinese words stand in components outside the catalogue', () => {
    const allowed = ['驿站', '切换到中文', '中文', '客', '中']
    for (const { name, text } of sources.filter((source) => source.name.endsWith('.vue'))) {
      const words = text.match(/[\u4e00-\u9fff]+/g) ?? []
      expect(words.filter((word) => !allowed.includes(word)), name).toEqual([])
    }
  })
})

describe('what is shipped', () => {
  test('the styles of every Element Plus component in use are imported', () => {
    const styles = sources.find(({ name }) => name === 'design/element.ts')?.text ?? ''
    const kebab = (name: string) => name.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase()
    const used = new Set(
      code.flatMap(({ text }) =>
        [...text.matchAll(/import \{([^}]+)\} from 'element-plus'/g)].flatMap((match) => (match[1] ?? '').split(',').map((part) => part.trim())),
      ),
    )
    for (const name of used) {
      if (name !== 'ElConfigProvider') expect(styles, name).toContain(`/${kebab(name)}.css'`)
    }
  })

  test('nothing is fetched from other hosts', () => {
    for (const { name, text } of [...sources, { name: 'index.html', text: readFileSync(join(root, 'index.html'), 'utf8') }]) {
      expect(text.replaceAll('http://www.w3.org/2000/svg', ''), name).not.toMatch(/(src|href|url\(|from|import)[ =('"`]+https?:\/\//)
    }
  })

  test('no HTML is made of strings', () => {
    for (const { name, text } of code) expect(text, name).not.toMatch(/v-html|innerHTML|insertAdjacentHTML/)
  })

  test('the lock file names no registry', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
    expect(lock).not.toContain('"resolved"')
    expect(lock).toContain('"integrity"')
  })
})
