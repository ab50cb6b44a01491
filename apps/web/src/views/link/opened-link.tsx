import { useEffect, useRef } from 'preact/hooks'
import { isActive } from '../../state/download.ts'
import { brokenLink, closeLink, getOpened, lookForSources, type OpenedLink, openedLink } from '../../state/link.ts'
import { downloadOf } from '../../state/transfers.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { formatBytes } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { kindOf } from '../../ui/kind.ts'
import { FileName, PeerName } from '../../ui/names.tsx'
import { HitSources } from '../search/hit-sources.tsx'
import { FolderCard } from './folder-card.tsx'
import { Ways } from './ways.tsx'

/** The file that the page was opened for. */
export function OpenedLinkCard() {
  if (brokenLink.value) return <BrokenLink />
  const link = openedLink.value
  if (link?.folder !== undefined) return <FolderCard folder={link.folder} />
  return link === undefined ? null : <LinkCard link={link} />
}

function BrokenLink() {
  return (
    <section class="link-card" aria-label="Opened link">
      <p>This link is damaged: it names no file. Ask for it again, or search for words of the file’s name.</p>
      <IconButton icon="close" label="Close" onClick={closeLink} />
    </section>
  )
}

function LinkCard({ link }: { link: OpenedLink }) {
  const get = useRef<HTMLDivElement>(null)
  useEffect(() => get.current?.querySelector('button')?.focus(), [])
  const state = downloadOf(link.target.cid)?.state.value
  const isRunning = state !== undefined && isActive(state)
  return (
    <section class="link-card" aria-label="Opened link" data-testid="opened-link">
      <span class="kind">
        <Icon name={kindOf(link.target.name)} size={30} />
      </span>
      <div class="link-main">
        <p class="hint">Someone sent you</p>
        <h2>
          <FileName name={link.target.name} testId="link-name" />
        </h2>
        <p class="facts" role="status">
          <span>{formatBytes(link.target.size)}</span>
          <Sources link={link} />
        </p>
        <Ways overlays={link.overlays} />
      </div>
      <div class="row" ref={get}>
        <Button look="main" icon="get" onClick={getOpened} disabled={isRunning} testId="link-get">
          {state?.phase === 'saved' ? 'Get again' : 'Get'}
        </Button>
        {link.phase === 'looked' && link.found === undefined && (
          <Button icon="retry" onClick={() => void lookForSources()}>
            Look again
          </Button>
        )}
        <IconButton icon="close" label="Close this file" onClick={closeLink} />
      </div>
    </section>
  )
}

function Sources({ link }: { link: OpenedLink }) {
  const { found, phase, isWanted, problem } = link
  if (problem !== undefined) return <span>{problem}</span>
  if (found !== undefined) {
    return (
      <>
        <PeerName peer={found.sources[0].peer} size={18} testId="link-source" />
        <HitSources hit={found} />
      </>
    )
  }
  if (phase === 'looking') {
    return (
      <span>
        <span class="ripple" aria-hidden="true" /> Looking for someone who has it…
        {isWanted && ' It will be fetched as soon as one is found.'}
      </span>
    )
  }
  return <span>Nobody within reach has it now. It is shared from a tab, which may be closed.</span>
}
