import type { Tab } from './tab.ts'

/** Drops files and folders on the page as a person does: with a way back to them. */
export async function drop(tab: Tab, ...paths: readonly string[]): Promise<void> {
  const cdp = await tab.page.context().newCDPSession(tab.page)
  const data = { items: [], files: [...paths], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await cdp.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
  }
  await cdp.detach()
}
