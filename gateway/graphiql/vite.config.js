// How the page becomes hashed files under dist/, which the gateway serves at /graphiql/.
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/graphiql/',
  build: {
    // No data: URLs: the page's Content-Security-Policy names only our own origin.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 3000,
    // The bundled libraries' licences travel with their code, beside the files that are served.
    license: { fileName: 'licenses.md' },
    target: 'es2022',
    rolldownOptions: {
      // Libraries mark modules "use client" for server rendering; here everything is the client.
      checks: { moduleLevelDirective: false },
    },
  },
  worker: { format: 'es' },
});
