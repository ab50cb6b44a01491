import { useId } from 'preact/hooks'
import { KILOBYTES_MAX, KILOBYTES_MIN, limits, SLOTS_MAX, setLimits } from '../../state/limits.ts'
import { uploadSpeed, uploads } from '../../state/uploads.ts'
import { formatCount, formatSpeed } from '../../ui/format.ts'

/** What others take now, and what they may take at most. */
export function UploadLimits() {
  return (
    <details class="disclosure upload-limits">
      <summary class="hint">
        <span>Limits</span>
        <UploadsNow />
      </summary>
      <LimitFields />
    </details>
  )
}

function UploadsNow() {
  const running = uploads.value.filter(({ isOver }) => !isOver).length
  return (
    <span class="number" data-testid="uploads-now">
      {running === 0 ? 'nobody fetches now' : `${formatCount(running, 'upload')}, ${formatSpeed(uploadSpeed.value)}`}
    </span>
  )
}

/** By themselves, for what is being typed would be overwritten whenever an upload goes on. */
function LimitFields() {
  const slotsId = useId()
  const rateId = useId()
  return (
    <div class="limit">
      <label for={slotsId}>Peers served at once</label>
      <input
        id={slotsId}
        type="number"
        min={1}
        max={SLOTS_MAX}
        value={limits.value.slots}
        onChange={({ currentTarget }) => {
          setLimits({ ...limits.value, slots: currentTarget.valueAsNumber })
          // What made no sense shows as what holds.
          currentTarget.value = String(limits.value.slots)
        }}
        data-testid="limit-slots"
      />
      <label for={rateId}>All together, kB/s at most</label>
      <input
        id={rateId}
        type="number"
        min={KILOBYTES_MIN}
        max={KILOBYTES_MAX}
        placeholder="no limit"
        value={limits.value.kilobytesPerSecond ?? ''}
        onChange={({ currentTarget }) => {
          setLimits({ ...limits.value, kilobytesPerSecond: currentTarget.valueAsNumber })
          currentTarget.value = String(limits.value.kilobytesPerSecond ?? '')
        }}
        data-testid="limit-rate"
      />
    </div>
  )
}
