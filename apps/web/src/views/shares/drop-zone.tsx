import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { filesOfDrop } from '../../peer/files.ts'
import { FILES_MAX, shareFiles } from '../../state/shares.ts'
import { Icon } from '../../ui/icon.tsx'

/** True while files are held over the page. */
const isDraggedOver = signal(false)

/** Where files are dropped or chosen. Everything else on the page takes dropped files too. */
export function DropZone() {
  return (
    <label class="drop-zone">
      <input
        type="file"
        multiple
        class="visually-hidden"
        data-testid="drop-input"
        onChange={(event) => {
          const input = event.currentTarget
          shareFiles([...(input.files ?? [])])
          // Choosing the same file again must count as a choice.
          input.value = ''
        }}
      />
      <Icon name="drop" size={30} />
      <span class="drop-words">
        <strong>Drop files anywhere</strong>
        <span>
          or <u>choose them</u>. They stay on your disk.
        </span>
      </span>
    </label>
  )
}

/** Covers the page while files are held over it. */
export function DropCurtain() {
  useEffect(takeDrops, [])
  if (!isDraggedOver.value) return null
  return (
    <div class="drop-curtain" aria-hidden="true">
      <p>
        <Icon name="drop" size={48} />
        Let go to share
      </p>
    </div>
  )
}

function takeDrops(): () => void {
  const controller = new AbortController()
  const options = { signal: controller.signal }
  // Entering a child fires before leaving its parent: so leaving counts only when it leaves the window.
  document.addEventListener(
    'dragenter',
    (event) => {
      if (holdsFiles(event)) isDraggedOver.value = true
    },
    options
  )
  document.addEventListener(
    'dragover',
    (event) => {
      if (holdsFiles(event)) event.preventDefault()
    },
    options
  )
  document.addEventListener(
    'dragleave',
    (event) => {
      if (event.relatedTarget === null) isDraggedOver.value = false
    },
    options
  )
  document.addEventListener(
    'drop',
    (event) => {
      isDraggedOver.value = false
      if (!holdsFiles(event) || event.dataTransfer === null) return
      event.preventDefault()
      void shareDropped(event.dataTransfer)
    },
    options
  )
  return () => controller.abort()
}

async function shareDropped(dropped: DataTransfer): Promise<void> {
  try {
    // One more than may be taken, so that it is seen and said when some are left out.
    shareFiles(await filesOfDrop(dropped, FILES_MAX + 1))
  } catch (error) {
    console.warn('The dropped files cannot be read', error)
    shareFiles([])
  }
}

function holdsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}
