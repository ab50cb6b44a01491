/** A column of a table: one of the typed arrays that hold numbers. */
type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/** A column of at least `length` places with what was in the old one: twice as long, so that growing costs one copy a place. */
export function grown<C extends Column>(column: C, length: number): C {
  if (column.length >= length) return column
  const made = new (column.constructor as new (length: number) => C)(Math.max(length, 2 * column.length))
  made.set(column as never)
  return made
}
