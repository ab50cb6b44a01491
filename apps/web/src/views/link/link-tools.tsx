import { useSignal } from '@preact/signals'
import { formatLink, type LinkTarget } from '@servent/servent'
import { Button, IconButton } from '../../ui/button.tsx'
import { QrCode } from '../../ui/qr-code.tsx'

type Outcome = 'none' | 'copied' | 'refused'

/** A link to a content, to be clicked, copied, or read by a telephone. It works for whoever has the content. */
export function LinkTools({ target }: { target: LinkTarget }) {
  const outcome = useSignal<Outcome>('none')
  const isQrShown = useSignal(false)
  const link = linkTo(target)
  const isCopied = outcome.value === 'copied'
  return (
    <div class="share-link">
      <a href={link} target="_blank" rel="noopener" data-testid="share-link" aria-label={`Link to ${target.name}`}>
        {link.replace(/^https?:\/\//, '')}
      </a>
      <Button
        icon={isCopied ? 'check' : 'copy'}
        onClick={() => void copy(link, outcome)}
        label={`${isCopied ? 'Copied' : 'Copy link'}: ${target.name}`}
        testId="share-copy"
      >
        {isCopied ? 'Copied' : 'Copy link'}
      </Button>
      <IconButton
        icon="qr"
        label={`${isQrShown.value ? 'Hide' : 'Show'} the QR code of ${target.name}`}
        onClick={() => {
          isQrShown.value = !isQrShown.value
        }}
        testId="share-qr"
      />
      <CopyOutcome outcome={outcome.value} />
      {isQrShown.value && <QrCode text={link} label={`QR code of the link to ${target.name}`} />}
    </div>
  )
}

/** Copies the link to a content: for rows that have no room for more. */
export function CopyLinkButton({ target }: { target: LinkTarget }) {
  const outcome = useSignal<Outcome>('none')
  const isCopied = outcome.value === 'copied'
  return (
    <>
      <IconButton
        icon={isCopied ? 'check' : 'link'}
        label={`${isCopied ? 'Copied' : 'Copy link'}: ${target.name}`}
        onClick={() => void copy(linkTo(target), outcome)}
        testId="copy-link"
      />
      <CopyOutcome outcome={outcome.value} />
    </>
  )
}

function CopyOutcome({ outcome }: { outcome: Outcome }) {
  return (
    <>
      <span class="visually-hidden" role="status">
        {outcome === 'copied' ? 'The link is copied.' : ''}
      </span>
      {outcome === 'refused' && (
        <p class="note" role="status">
          The browser did not allow copying: take the link with a right click or a long press.
        </p>
      )}
    </>
  )
}

function linkTo(target: LinkTarget): string {
  return formatLink(location.origin + location.pathname, target)
}

async function copy(link: string, outcome: { value: Outcome }): Promise<void> {
  try {
    await navigator.clipboard.writeText(link)
    outcome.value = 'copied'
  } catch (error) {
    // Without https, or where the person said no, there is no clipboard: the link can be copied by hand.
    console.warn('The link cannot be copied', error)
    outcome.value = 'refused'
  }
}
