import { defaultClientConditions, defineConfig, type Plugin } from 'vite'
import { contentSecurityPolicy } from './csp.ts'

/** Writes the policy into the built page. Not while developing: there Vite puts styles in with inline elements. */
function policyInPage(): Plugin {
  return {
    name: 'servent:content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
        injectTo: 'head-prepend',
      },
    ],
  }
}

export default defineConfig({
  root: import.meta.dirname,
  // The page may be served from any folder.
  base: './',
  plugins: [policyInPage()],
  resolve: {
    // Workspace packages are read from their sources: nothing has to be built first.
    conditions: ['source', ...defaultClientConditions],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    // An inlined asset would be a `data:` URL, which the policy forbids for scripts and workers.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // libp2p is one chunk of 580 kB, 170 kB as sent; test/budget.test.ts watches over it.
    chunkSizeWarningLimit: 700,
  },
})
