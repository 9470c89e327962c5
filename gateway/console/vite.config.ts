// How the page becomes hashed files under dist/, which the gateway serves at /console/.
import { copyFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const gateway = { target: process.env['GATEWAY'] ?? 'http://127.0.0.1:8000', ws: true };

// The gateway reads beside the page which operations the page sends.
const manifest: Plugin = {
  name: 'operations-manifest',
  closeBundle: () => {
    copyFileSync('src/gql/persisted-documents.json', 'dist/operations.json');
  },
};

export default defineConfig({
  base: '/console/',
  build: {
    // No data: URLs: the page's Content-Security-Policy names only our own origin.
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
    target: 'es2022',
  },
  plugins: [react(), manifest],
  server: { proxy: { '/graphql': gateway, '/media': gateway, '/console/config': gateway } },
});
