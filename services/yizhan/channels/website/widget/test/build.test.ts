// @vitest-environment node
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'vite';
import { beforeAll, describe, expect, it, test } from 'vitest';

const LIMIT = 20_000; // bytes after gzip, for each of the two scripts
const root = fileURLToPath(new URL('..', import.meta.url));

async function script(mode: string): Promise<{ name: string; code: string }> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    const result = await build({ root, mode, logLevel: 'silent', build: { write: false } });
    const [bundle] = Array.isArray(result) ? result : [result];
    if (!bundle || !('output' in bundle)) throw new Error('no output');
    expect(bundle.output).toHaveLength(1); // styles are inside, nothing else is fetched
    const [chunk] = bundle.output;
    return { name: chunk.fileName, code: chunk.code };
  } finally {
    process.env['NODE_ENV'] = before;
  }
}

describe('the built scripts', () => {
  const built: Record<string, { name: string; code: string }> = {};
  beforeAll(async () => {
    built['launcher'] = await script('launcher');
    built['panel'] = await script('panel');
  }, 60_000);
  const modes: [mode: string, name: string][] = [
    ['launcher', 'widget.js'],
    ['panel', 'widget-panel.js'],
  ];

  test.each(modes)('%s: a shop’s page loads less than 20 kB of %s', (mode, name) => {
    const { code, name: file } = built[mode] ?? { code: '', name: '' };
    expect(file).toBe(name);
    expect(gzipSync(code, { level: 6 }).length).toBeLessThan(LIMIT);
  });

  test.each(modes)('%s: talks to its own gateway only, and runs under a strict content policy', (mode) => {
    const code = built[mode]?.code ?? '';
    const hosts = new Set([...code.matchAll(/https?:\/\/[\w.-]+/g)].map(([host]) => host));
    hosts.delete('http://www.w3.org'); // the name of SVG, never fetched
    expect([...hosts]).toEqual([]);
    expect(code).not.toMatch(/\beval\(|new Function\(|document\.write|insertAdjacentHTML/);
  });

  it('the part that every page loads never writes markup', () => {
    expect(built['launcher']?.code).not.toContain('innerHTML');
  });

  it('the page with the widget never waits for the panel’s code', () => {
    expect(built['launcher']?.code).not.toContain('role:`log`');
    expect(built['panel']?.code).toContain('role:`log`');
  });
});

describe('the sources', () => {
  it('the lock file names no server', () => {
    const lock = readFileSync(`${root}/package-lock.json`, 'utf8');
    expect(lock).not.toContain('"resolved"');
    expect(lock).toContain('"integrity"');
    expect(readFileSync(`${root}/.npmrc`, 'utf8')).toContain('omit-lockfile-registry-resolved=true');
  });

  it('the demo page fetches nothing from elsewhere and says that it is a demo', () => {
    const page = readFileSync(`${root}/../static/demo.html`, 'utf8');
    const fetched = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? '');
    expect(fetched.filter((address) => !/^(#|\/widget\.js$|data:)/.test(address))).toEqual([]);
    expect(page).not.toMatch(/url\(\s*['"]?http|@import/);
    expect(page).toContain('虚构店铺');
    expect(page).toMatch(/<script src="\/widget\.js" data-account="demo"[^>]* async><\/script>/);
  });
});
