/** Nodes in a path. Ours: more than any config lets a message pass. */
export const PATH_MAX = 64
/** Peers in a list of a State or a LeafSet. Ours: twice the largest tables there are. */
export const PEERS_MAX = 128
/** Leaf sets and neighborhood sets: 2 · 2^b. */
export const LEAVES_MAX = 32
