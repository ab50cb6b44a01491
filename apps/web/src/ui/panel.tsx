import type { ComponentChildren } from 'preact'

/** A titled part of the page. */
export function Panel(props: { id: string; title: string; aside?: ComponentChildren; children: ComponentChildren }) {
  const titleId = `${props.id}-title`
  return (
    <section class={`panel ${props.id}`} aria-labelledby={titleId}>
      <header class="panel-head">
        <h2 id={titleId}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  )
}
