import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// One self-starting file, styles included, so that a shop embeds it with one script tag.
export default defineConfig({
  build: {
    lib: { entry: here('./src/main.ts'), formats: ['iife'], name: 'YizhanWidget', fileName: () => 'widget.js' },
    outDir: here('../static'),
    emptyOutDir: false, // the demo page lives there too
    target: 'es2019', // in-app browsers of phones lag years behind
    cssTarget: 'chrome80',
    minify: true,
    reportCompressedSize: true,
  },
  test: {
    environment: 'happy-dom',
    include: ['test/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    testTimeout: 10_000,
  },
});
