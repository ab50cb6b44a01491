/** Root may read and write everything, so what is forbidden shows only as somebody else. */
export async function asNobody(work: () => Promise<void>): Promise<void> {
  const user = process.geteuid?.()
  if (user === 0) process.seteuid?.(65_534)
  try {
    await work()
  } finally {
    if (user === 0) process.seteuid?.(0)
  }
}
