import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icon.tsx'

export interface ButtonProps {
  readonly onClick: () => void
  readonly children: ComponentChildren
  readonly icon?: IconName
  /** What it does, where the words on it do not say to what. */
  readonly label?: string
  readonly look?: 'main' | 'plain' | 'quiet'
  readonly disabled?: boolean
  readonly testId?: string
}

export function Button({ onClick, children, icon, label, look = 'plain', disabled, testId }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button ${look}`}
      onClick={onClick}
      disabled={disabled}
      aria-label={label}
      data-testid={testId}
    >
      {icon !== undefined && <Icon name={icon} size={18} />}
      <span>{children}</span>
    </button>
  )
}

/** A button that is only a sign. */
export function IconButton(props: { icon: IconName; label: string; onClick: () => void; testId?: string }) {
  return (
    <button
      type="button"
      class="button icon-only"
      onClick={props.onClick}
      aria-label={props.label}
      title={props.label}
      data-testid={props.testId}
    >
      <Icon name={props.icon} size={18} />
    </button>
  )
}
