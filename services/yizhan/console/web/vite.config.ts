import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const gateway = process.env['YIZHAN_DEV_GATEWAY'] ?? 'http://127.0.0.1:8099'

/** Libraries that nearly every page needs travel in two long-lived files, so that a new console version re-downloads little. */
function vendorChunk(id: string): string | undefined {
  if (!id.includes('/node_modules/')) return undefined
  if (/\/node_modules\/(vue|@vue|pinia|vue-router|vue-i18n|@intlify)\//.test(id)) return 'framework'
  return undefined
}

export default defineConfig({
  base: './',
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: 'true', // Element Plus still has components written with it
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    outDir: '../static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // nothing as data: URI, so that the content security policy can stay narrow
    chunkSizeWarningLimit: 400,
    rollupOptions: { output: { manualChunks: vendorChunk } },
  },
  server: {
    proxy: {
      '/api': { target: gateway, ws: true },
      '/media': { target: gateway },
      '/metrics': { target: gateway },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
    restoreMocks: true,
    isolate: false, // importing the component library anew for each file took four fifths of the time
  },
})
