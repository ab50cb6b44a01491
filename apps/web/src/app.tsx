import { Keys } from './views/keys/keys.tsx'
import { OpenedLinkCard } from './views/link/opened-link.tsx'
import { Me } from './views/me.tsx'
import { Network } from './views/network/network.tsx'
import { Results } from './views/search/results.tsx'
import { SearchBox } from './views/search/search-box.tsx'
import { DropCurtain } from './views/shares/drop-zone.tsx'
import { Shares } from './views/shares/shares.tsx'
import { StartProblem } from './views/start-problem.tsx'
import { Transfers } from './views/transfers/transfers.tsx'

export function App() {
  return (
    <>
      <header class="top">
        <p class="wordmark">servent</p>
        <Me />
      </header>
      <main>
        <div class="hero">
          <h1>Share files straight from this tab, and search what everyone shares.</h1>
          <SearchBox />
          <StartProblem />
        </div>
        <div class="columns">
          <div class="column-main">
            <OpenedLinkCard />
            <Results />
            <Keys />
          </div>
          <div class="column-side">
            <Transfers />
            <Shares />
            <Network />
          </div>
        </div>
      </main>
      <DropCurtain />
    </>
  )
}
