import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { canPickHandles } from '../../peer/file-system-access.ts'
import { type ChosenFile, chooseFiles, chooseFolder, filesOfDrop, withoutHandle } from '../../peer/files.ts'
import { FILES_MAX, shareFiles } from '../../state/shares.ts'
import { Button } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'

/** True while files are held over the page. */
const isDraggedOver = signal(false)

/** One more than may be taken, so that it is seen and said when some are left out. */
const CHOSEN_MAX = FILES_MAX + 1

/** Where files are dropped or chosen. Everything else on the page takes dropped files too. */
export function DropZone() {
  return (
    <>
      <label class="drop-zone">
        <input
          type="file"
          multiple
          class="visually-hidden"
          data-testid="drop-input"
          onClick={(event) => {
            // Where the browser has a dialog that leaves a way back to the file, that one.
            if (!canPickHandles()) return
            event.preventDefault()
            void share(chooseFiles(CHOSEN_MAX))
          }}
          onChange={(event) => {
            const input = event.currentTarget
            shareFiles([...(input.files ?? [])].map(withoutHandle))
            // Choosing the same file again must count as a choice.
            input.value = ''
          }}
        />
        <Icon name="drop" size={30} />
        <span class="drop-words">
          <strong>Drop files or folders anywhere</strong>
          <span>
            or <u>choose them</u>. They stay on your disk.
          </span>
        </span>
      </label>
      {canPickHandles() && (
        <div class="row">
          <Button look="quiet" onClick={() => void share(chooseFolder(CHOSEN_MAX))} testId="choose-folder">
            Choose a folder
          </Button>
        </div>
      )}
    </>
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
      void share(filesOfDrop(event.dataTransfer, CHOSEN_MAX))
    },
    options
  )
  return () => controller.abort()
}

/** Shares what was chosen; a choice that was thought better of is none. */
async function share(choosing: Promise<readonly ChosenFile[] | undefined>): Promise<void> {
  try {
    const files = await choosing
    if (files !== undefined) shareFiles(files)
  } catch (error) {
    console.warn('The chosen files cannot be read', error)
    shareFiles([])
  }
}

function holdsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}
