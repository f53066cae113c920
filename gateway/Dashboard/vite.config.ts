import { defineConfig } from 'vite';

const gateway = process.env['GATEWAY'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: './',
  build: {
    target: 'es2022',
    // Tokens are written with light-dark(), which older targets would have expanded.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The gateway's Content-Security-Policy allows neither data: addresses nor inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { '/api': gateway, '/nodes': gateway },
  },
});
