import { type OfferedFolder, offeredFolders } from '../../state/offered-folders.ts'
import { stopSharingFolder } from '../../state/shares.ts'
import { IconButton } from '../../ui/button.tsx'
import { formatBytes, formatCount } from '../../ui/format.ts'
import { FileName } from '../../ui/names.tsx'
import { LinkTools } from '../link/link-tools.tsx'

/** The folders that are shared as one, each with a link to all of it. */
export function FolderRows() {
  if (offeredFolders.value.length === 0) return null
  return (
    <ul class="rows" aria-label="Folders">
      {offeredFolders.value.map((folder) => (
        <FolderRow key={folder.name} folder={folder} />
      ))}
    </ul>
  )
}

function FolderRow({ folder }: { folder: OfferedFolder }) {
  const { cid, name, size, fileCount } = folder
  return (
    <li class="transfer" data-testid="folder" data-cid={cid}>
      <div class="transfer-head">
        <FileName name={name} testId="folder-name" />
        <IconButton
          icon="close"
          label={`Stop sharing the folder ${name} and the files in it`}
          onClick={() => stopSharingFolder(folder)}
          testId="folder-stop"
        />
      </div>
      <p class="facts">
        A folder, {formatCount(fileCount, 'file')}, {formatBytes(size)}: this link is to all of it.
      </p>
      <LinkTools target={{ cid, name, size: undefined }} />
    </li>
  )
}
