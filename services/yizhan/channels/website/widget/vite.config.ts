import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Two self-contained scripts, styles included. `widget.js` is what a shop embeds: launcher and transport.
// `widget-panel.js` is fetched when the panel is first opened, so that visitors who never chat never load it.
const SCRIPTS = {
  launcher: { entry: here('./src/main.ts'), name: 'YizhanWidget', fileName: () => 'widget.js' },
  panel: { entry: here('./src/panel.tsx'), name: 'YizhanPanel', fileName: () => 'widget-panel.js' },
};

/** A hash of everything that goes into the scripts. */
function edition(): string {
  const hash = createHash('sha256');
  const names = readdirSync(here('./src'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name));
  for (const name of [...names.sort().map((one) => `./src/${one}`), './package-lock.json'])
    hash.update(readFileSync(here(name)));
  return hash.digest('hex').slice(0, 12);
}

/** Leaves a compressed copy beside each script; the server prefers it for browsers that accept it. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    writeBundle({ dir }, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk')
          writeFileSync(resolve(dir ?? '', `${file.fileName}.gz`), gzipSync(file.code, { level: 9 }));
      }
    },
  };
}

export default defineConfig(({ mode }) => ({
  plugins: [compressed()],
  define: { __EDITION__: JSON.stringify(edition()) },
  resolve: { alias: { 'preact/jsx-runtime': here('./src/ui/jsx.ts') } },
  build: {
    lib: { ...(mode === 'panel' ? SCRIPTS.panel : SCRIPTS.launcher), formats: ['iife'] },
    outDir: here('../static'),
    emptyOutDir: false, // the demo page lives there too
    target: 'es2020', // in-app browsers of phones lag years behind
    cssTarget: 'chrome80',
  },
  test: {
    environment: 'happy-dom',
    include: ['test/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    testTimeout: 10_000,
  },
}));
