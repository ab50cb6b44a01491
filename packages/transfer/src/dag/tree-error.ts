/** What a peer sent is not what the CID and the size name. `message` says what was wrong, in our words. */
export class TreeError extends Error {
  override readonly name = 'TreeError'
}

/** A block is not the one that its CID names: whoever sent it made it up. Other faults of a tree are in what the CID names. */
export class WrongBlockError extends TreeError {
  constructor() {
    super('a block above the leaves is wrong')
  }
}
