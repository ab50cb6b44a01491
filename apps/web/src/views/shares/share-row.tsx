import { useSignal } from '@preact/signals'
import { keywords } from '@servent/library'
import { formatLink, type Share, type UploadStatus } from '@servent/servent'
import { stopSharing } from '../../state/shares.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { formatBytes, formatCount, formatPercent } from '../../ui/format.ts'
import { Icon } from '../../ui/icon.tsx'
import { kindOf } from '../../ui/kind.ts'
import { FileName, PeerName } from '../../ui/names.tsx'

const WORDS_SHOWN = 8

export function ShareRow({ share, uploads }: { share: Share; uploads: readonly UploadStatus[] }) {
  const link = formatLink(location.origin + location.pathname, share)
  return (
    <li class="transfer" data-testid="share" data-cid={share.cid}>
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
      <CopyLink link={link} name={share.name} />
    </li>
  )
}

function Upload({ upload, size }: { upload: UploadStatus; size: number }) {
  const isDone = upload.sentBytes >= size
  return (
    <div class="upload" data-testid="upload">
      <p class="facts">
        <PeerName peer={upload.peer} size={18} />
        <span>{isDone ? 'has fetched it' : 'is fetching it:'}</span>
        {!isDone && <span class="number">{formatPercent(upload.sentBytes, size)}</span>}
      </p>
      {!isDone && <progress aria-label={`${upload.peer.name} fetches`} value={upload.sentBytes} max={size} />}
    </div>
  )
}

function CopyLink({ link, name }: { link: string; name: string }) {
  const outcome = useSignal<'none' | 'copied' | 'refused'>('none')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link)
      outcome.value = 'copied'
    } catch (error) {
      // Without https, or where the person said no, there is no clipboard: the link can be copied by hand.
      console.warn('The link cannot be copied', error)
      outcome.value = 'refused'
    }
  }
  return (
    <div class="share-link">
      <a href={link} target="_blank" rel="noopener" data-testid="share-link" aria-label={`Link to ${name}`}>
        {link.replace(/^https?:\/\//, '')}
      </a>
      <Button
        icon={outcome.value === 'copied' ? 'check' : 'copy'}
        onClick={() => void copy()}
        label={`${outcome.value === 'copied' ? 'Copied' : 'Copy link'}: ${name}`}
        testId="share-copy"
      >
        {outcome.value === 'copied' ? 'Copied' : 'Copy link'}
      </Button>
      <span class="visually-hidden" role="status">
        {outcome.value === 'copied' ? 'The link is copied.' : ''}
      </span>
      {outcome.value === 'refused' && (
        <p class="note" role="status">
          The browser did not allow copying: take the link with a right click or a long press.
        </p>
      )}
    </div>
  )
}
