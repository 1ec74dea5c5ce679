import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Two self-contained scripts, styles included. `widget.js` is what a shop embeds: launcher and transport.
// `widget-panel.js` is fetched when the panel is first opened, so that visitors who never chat never load it.
const SCRIPTS = {
  launcher: { entry: here('./src/main.ts'), name: 'YizhanWidget', fileName: () => 'widget.js' },
  panel: { entry: here('./src/panel.tsx'), name: 'YizhanPanel', fileName: () => 'widget-panel.js' },
};

export default defineConfig(({ mode }) => ({
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
