/** What the page asks of the worker. `file` names one of the files being hashed. */
export type HashRequest =
  | { readonly id: number; readonly type: 'sha256'; readonly bytes: Uint8Array }
  | { readonly id: number; readonly type: 'file'; readonly file: number }
  | { readonly id: number; readonly type: 'chunk'; readonly file: number; readonly bytes: Uint8Array }
  | { readonly id: number; readonly type: 'sha1'; readonly file: number }
  | { readonly id: number; readonly type: 'cancel'; readonly file: number }

/** A request without its id. */
export type HashCall = HashRequest extends infer Request
  ? Request extends HashRequest
    ? Omit<Request, 'id'>
    : never
  : never

/** What the worker answers. */
export type HashResponse =
  | { readonly id: number; readonly digest: Uint8Array }
  | { readonly id: number; readonly problem: string }
