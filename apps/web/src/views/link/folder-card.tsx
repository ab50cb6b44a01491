import type { FolderListing, ListedFile } from '@servent/servent'
import { isActive } from '../../state/download.ts'
import { closeLink } from '../../state/link.ts'
import { downloadOf } from '../../state/transfers.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { formatBytes, formatCount } from '../../ui/format.ts'
import { FileName } from '../../ui/names.tsx'

/** Files that are shown, for a list of thousands is slow and nobody reads it. */
const SHOWN_MAX = 200

/** The folder that the page was opened for: all of it can be fetched, or one file. */
export function FolderCard({ folder }: { folder: FolderListing }) {
  const { name, size, files } = folder
  return (
    <section class="link-card" aria-label="Opened link" data-testid="opened-folder">
      <div class="link-main">
        <p class="hint">Someone sent you a folder</p>
        <h2>
          <FileName name={name} testId="link-name" />
        </h2>
        <p class="facts" role="status">
          {formatCount(files.length, 'file')}, {formatBytes(size)}
        </p>
      </div>
      <div class="row">
        <Button look="main" icon="get" onClick={() => void getAll(folder)} testId="folder-get-all">
          Get all
        </Button>
        <IconButton icon="close" label="Close this folder" onClick={closeLink} />
      </div>
      <ul class="rows folder-files">
        {files.slice(0, SHOWN_MAX).map((file) => (
          <FileRow key={file.path} file={file} />
        ))}
      </ul>
      {files.length > SHOWN_MAX && (
        <p class="hint">And {formatCount(files.length - SHOWN_MAX, 'file')} more: all of it can be fetched at once.</p>
      )}
    </section>
  )
}

function FileRow({ file }: { file: ListedFile }) {
  const state = downloadOf(file.cid)?.state.value
  return (
    <li class="row" data-testid="folder-file">
      <FileName name={file.path} testId="folder-path" />
      <span class="number hint">{formatBytes(file.size)}</span>
      <Button
        icon={state?.phase === 'saved' ? 'check' : 'get'}
        onClick={() => void getOne(file)}
        disabled={state !== undefined && isActive(state)}
        label={`Get ${file.path}`}
        testId="folder-get"
      >
        {state?.phase === 'saved' ? 'Saved' : 'Get'}
      </Button>
    </li>
  )
}

/** How it is done: loaded when the page is there. */
const getting = () => import('../../state/late-folders.ts')

/** Only in answer to a click: the browser may ask where to put it. */
async function getAll(folder: FolderListing): Promise<void> {
  try {
    await (await getting()).getAll(folder)
  } catch (error) {
    console.warn('The folder cannot be fetched', error)
  }
}

async function getOne(file: ListedFile): Promise<void> {
  const { getListed } = await getting()
  getListed(file)
}
