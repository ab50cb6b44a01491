import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** Light modules around the code, as its standard (ISO/IEC 18004) asks for. */
const QUIET_ZONE = 4

/** A text as a QR code: for a telephone to read from the screen. What draws it is loaded when it is first asked for. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const modules = useSignal<readonly (readonly boolean[])[] | undefined>(undefined)
  const problem = useSignal(false)
  useEffect(() => {
    import('uqr')
      .then(({ encode }) => {
        modules.value = encode(text, { border: QUIET_ZONE }).data
      })
      .catch((error: unknown) => {
        console.warn('The QR code cannot be drawn', error)
        problem.value = true
      })
  }, [text, modules, problem])
  if (problem.value) return <p class="note">The QR code could not be drawn: the link may be too long for one.</p>
  if (modules.value === undefined) return null
  const size = modules.value.length
  return (
    <svg class="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} data-testid="qr-code">
      <rect width={size} height={size} fill="#fff" />
      <path d={pathOf(modules.value)} fill="#000" />
    </svg>
  )
}

/** One stroke for each run of dark modules in a row. */
function pathOf(modules: readonly (readonly boolean[])[]): string {
  let path = ''
  for (const [y, row] of modules.entries()) {
    for (let x = 0; x < row.length; x++) {
      const start = x
      while (row[x] === true) x++
      if (x > start) path += `M${start} ${y}h${x - start}v1h${start - x}z`
    }
  }
  return path
}
