import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Where the Go server listens during development; `npm run dev` passes API calls on to it. */
const backend = process.env['CRAGBASE_DEV_SERVER'] ?? 'http://127.0.0.1:8090';

/**
 * Browsers from here on know light-dark(), so the style sheet keeps it as written instead of being
 * rewritten into custom properties that a theme switch at run time would not follow.
 */
const browsers = ['chrome123', 'edge123', 'firefox120', 'safari17.5'];

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: '../pb_public',
    emptyOutDir: true,
    target: browsers,
    cssTarget: browsers,
    // The content policy forbids inline code, and data: URLs hide what is loaded: every asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(['/api', '/v1', '/_', '/sandbox'].map((path) => [path, backend])),
  },
  test: {
    include: ['tests/unit/**/*.test.ts'],
    environment: 'node',
  },
});
