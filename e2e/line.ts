import { expect } from './fixtures.ts'
import type { Tab } from './tab.ts'

/**
 * Makes a line of Gnutella neighbors, A – B – C: neither end knows the other end or the bootstrap node, so that whatever
 * one finds at the other came through B.
 */
export async function makeLine(a: Tab, b: Tab, c: Tab, bootstrapName: string): Promise<void> {
  const [nameA, nameB, nameC] = await Promise.all([a.name(), b.name(), c.name()])
  await Promise.all([a.waitForPeers(3), b.waitForPeers(3), c.waitForPeers(3)])
  await a.setNeighbor(nameB, true)
  await c.setNeighbor(nameB, true)
  for (const [tab, other] of [
    [a, nameC],
    [c, nameA],
  ] as const) {
    await tab.setNeighbor(other, false)
    await tab.setNeighbor(bootstrapName, false)
  }
  for (const tab of [a, c]) await expect(tab.page.locator('[data-testid=peer][data-neighbor=true]')).toHaveCount(1)
}
