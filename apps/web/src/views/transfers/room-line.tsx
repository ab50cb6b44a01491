import { removeResting, restingBytes } from '../../state/room.ts'
import { Button } from '../../ui/button.tsx'
import { formatBytes } from '../../ui/format.ts'

/** What paused and forgotten downloads take of this browser's room, and the way to have it back. */
export function RoomLine() {
  if (restingBytes.value === 0) return null
  const remove = () => {
    removeResting().catch((error: unknown) => console.error('Unfinished downloads could not be removed', error))
  }
  return (
    <p class="room hint" data-testid="download-room" data-bytes={restingBytes.value}>
      Unfinished downloads take {formatBytes(restingBytes.value)}.
      <Button look="quiet" onClick={remove} label="Remove unfinished downloads" testId="download-room-remove">
        Remove
      </Button>
    </p>
  )
}
