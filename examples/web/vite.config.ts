// How the page is built, and in development is led to a gateway.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const gateway = { target: process.env.GATEWAY ?? 'http://127.0.0.1:8000', ws: true };

export default defineConfig({
  base: './',
  build: { target: 'es2022', license: { fileName: 'licenses.md' } },
  plugins: [react()],
  server: { proxy: { '/graphql': gateway, '/media': gateway } },
});
