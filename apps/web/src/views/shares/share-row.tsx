import { useSignal } from '@preact/signals'
import { keywords } from '@servent/library'
import type { Share, UploadStatus } from '@servent/servent'
import { useEffect } from 'preact/hooks'
import { canCopy, roomLeft } from '../../peer/browser-storage.ts'
import { keepCopy } from '../../state/keep-shares.ts'
import { copying, keptSources } from '../../state/kept-shares.ts'
import { stopSharing } from '../../state/shares.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { formatBytes, formatCount } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { kindOf } from '../../ui/kind.ts'
import { FileName } from '../../ui/names.tsx'
import { LinkTools } from '../link/link-tools.tsx'
import { FindableCheck } from './findable.tsx'
import { Upload } from './upload.tsx'

const WORDS_SHOWN = 8

export function ShareRow({ share, uploads }: { share: Share; uploads: readonly UploadStatus[] }) {
  return (
    <li class="transfer" data-testid="share" data-cid={share.cid} data-kept={keptSources.value.get(share.cid)}>
      <div class="transfer-head">
        <span class="kind">
          <Icon name={kindOf(share.name)} size={20} />
        </span>
        <FileName name={share.name} testId="share-name" />
        <IconButton
          icon="close"
          label={`Stop sharing ${share.name}`}
          onClick={() => stopSharing(share.cid)}
          testId="share-stop"
        />
      </div>
      <p class="facts">
        <span class="number">{formatBytes(share.size)}</span>
        {share.uploadCount > 0 && <span>fetched {formatCount(share.uploadCount, 'time')}</span>}
      </p>
      <p class="facts words">
        <span class="hint">Found by</span>
        {keywords(share.name)
          .slice(0, WORDS_SHOWN)
          .map((word) => (
            <bdi key={word} class="word">
              {word}
            </bdi>
          ))}
      </p>
      {uploads.map((upload) => (
        <Upload key={upload.peer.id} upload={upload} size={share.size} />
      ))}
      <LinkTools target={share} />
      <FindableCheck share={share} />
      <KeepCopy share={share} />
    </li>
  )
}

/** Where the browser gives no way back to the file: a copy in the browser, if the person wants one. */
function KeepCopy({ share }: { share: Share }) {
  const source = keptSources.value.get(share.cid)
  if (source === 'copy') return <p class="hint">A copy is kept in this browser.</p>
  if (source !== 'none' || !canCopy()) return null
  if (!copying.value.has(share.cid)) return <OfferCopy share={share} />
  return (
    <p class="hint" role="status">
      <span class="ripple" aria-hidden="true" /> A copy is being made…
    </p>
  )
}

function OfferCopy({ share }: { share: Share }) {
  const room = useSignal<number | undefined>(undefined)
  useEffect(() => {
    void roomLeft().then((bytes) => {
      room.value = bytes
    })
  }, [room])
  return (
    <div class="keep-copy">
      <Button
        onClick={() => void keepCopy(share.cid)}
        label={`Keep a copy of ${share.name} in this browser, ${formatBytes(share.size)}`}
        testId="keep-copy"
      >
        Keep a copy here ({formatBytes(share.size)})
      </Button>
      {/* Below the button, which is not to move when this grows. */}
      <p class="hint">
        Otherwise it is shared until this tab is closed: this browser gives no way back to the file itself.
        {room.value !== undefined && ` There is room for ${formatBytes(room.value)}.`}
      </p>
    </div>
  )
}
