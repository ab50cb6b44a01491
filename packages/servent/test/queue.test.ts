import { expect, it } from 'vitest'
import { PushQueue } from '../src/queue.ts'

it('hands out values in order, also those pushed while waiting', async () => {
  const queue = new PushQueue<number>(10)
  queue.push(1)
  const taken: number[] = []
  const reading = (async () => {
    for await (const value of queue) taken.push(value)
  })()
  queue.push(2)
  await Promise.resolve()
  queue.push(3)
  queue.end()
  queue.push(4)
  await reading
  expect(taken).toEqual([1, 2, 3])
})

it('drops and counts what does not fit', async () => {
  const queue = new PushQueue<number>(2)
  for (let i = 0; i < 5; i++) queue.push(i)
  queue.end()
  const taken: number[] = []
  for await (const value of queue) taken.push(value)
  expect(taken).toEqual([0, 1])
  expect(queue.droppedCount).toBe(3)
})
