/** Words of an identifier: Pastry's have 128 bits (§2.1), the leading four words of a key. */
export const ID_WORDS = 4

/** Bits of a digit: b (§2.1, "typical value 4"). The table's columns and rows follow from it. */
export const DIGIT_BITS = 4

/** Columns of the routing table: 2^b, of which the node's own digit stays empty. */
export const COLUMNS = 1 << DIGIT_BITS

/** Rows at the most: digits of an identifier. */
export const ROWS = (32 * ID_WORDS) / DIGIT_BITS
