/** The part of the Trusted Types API that is used here; TypeScript's DOM library does not know it yet. */
interface TrustedTypePolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown
}

declare global {
  interface Window {
    readonly trustedTypes?: TrustedTypePolicyFactory
  }
}

/**
 * Lets workers be started from this page's own scripts, and nothing else: with `require-trusted-types-for 'script'` the browser refuses
 * every string that would become HTML or a script, and this policy makes no exception for those.
 */
export function installTrustedTypesPolicy(): void {
  window.trustedTypes?.createPolicy('default', {
    createScriptURL(url) {
      if (new URL(url, document.baseURI).origin !== location.origin) {
        throw new TypeError('Only scripts of this page may be loaded')
      }
      return url
    },
  })
}
