/** A file that a peer offers to everyone. */
export interface SharedFile {
  /** Gnutella's file index: a u32 that stands for this file as long as the peer runs, and for no other ever after. */
  readonly index: number
  /** File name, without folders. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** 20 bytes: what `urn:sha1:` names. Undefined while it is not known. */
  readonly sha1: Uint8Array | undefined
  /** Binary CID of the content. Undefined where there is no content, as in a simulation. */
  readonly cid: Uint8Array | undefined
}

/** A file that is to be shared: the library gives it its index. */
export type NewFile = Omit<SharedFile, 'index'>
