import { queriesSeen, querySeenCount } from '../../state/queries-seen.ts'
import { formatCount } from '../../ui/format.ts'

/** What others asked through or of this tab. */
export function QueriesSeen() {
  if (queriesSeen.value.length === 0) return null
  return (
    <section
      class="queries-seen"
      aria-label="Asked by others"
      data-testid="queries-seen"
      data-count={querySeenCount.value}
    >
      <h3>Asked by others</h3>
      <ul>
        {queriesSeen.value.map(({ number, words, hops, answerCount, from }) => (
          <li key={number} data-testid="query-seen" title={`Handed on by ${from.name}; who asked cannot be seen`}>
            <bdi>{words}</bdi>
            <span class="hint">
              {formatCount(hops + 1, 'hop')}, {answerCount === 0 ? 'not here' : formatCount(answerCount, 'answer')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
