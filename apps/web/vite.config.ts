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

/** The structured overlays: a peer loads them itself as soon as it runs, so that the page is small before it is everything. */
function isLoadedLater({ facadeModuleId }: { readonly facadeModuleId: string | null }): boolean {
  return facadeModuleId?.endsWith('/lookup-services.ts') === true
}

/**
 * Has the page load all of its scripts at once, those that are only needed later too: by then the server they come from, which is a
 * bootstrap node, may be gone, and the page has to go on without it.
 */
function everythingAtOnce(): Plugin {
  return {
    name: 'servent:everything-at-once',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) =>
        Object.values(bundle)
          .filter((file) => file.type === 'chunk' && !file.isEntry && !isLoadedLater(file))
          .map(({ fileName }) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `./${fileName}`, fetchpriority: 'low' },
            injectTo: 'head' as const,
          })),
    },
  }
}

export default defineConfig({
  root: import.meta.dirname,
  // The page may be served from any folder.
  base: './',
  plugins: [policyInPage(), everythingAtOnce()],
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
