import { useEffect, useRef } from 'preact/hooks'
import { openedLink, openLinkText } from '../../state/link.ts'
import { clearSearch, search, searchText, startSearch, suggestions } from '../../state/search.ts'
import { Icon } from '../../ui/icon.tsx'
import { OverlayChoice } from './overlay-choice.tsx'

export function SearchBox() {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // Whoever opened a link came for that file.
    if (openedLink.peek() === undefined) input.current?.focus()
    return listenForShortcuts(() => input.current)
  }, [])
  const isRunning = search.value !== undefined && search.value.phase !== 'done'
  return (
    <search class="search">
      <form
        class={isRunning ? 'search-form running' : 'search-form'}
        onSubmit={(event) => {
          event.preventDefault()
          if (openLinkText(searchText.value)) clearSearch()
          else void startSearch(searchText.value)
        }}
      >
        <label class="visually-hidden" for="search-input">
          Search by words
        </label>
        <Icon name="search" size={24} />
        <input
          id="search-input"
          ref={input}
          type="search"
          enterkeyhint="search"
          autocomplete="off"
          spellcheck={false}
          // Long enough for a link with a long name.
          maxLength={2000}
          placeholder="Words in a file’s name, or a link"
          value={searchText}
          onInput={(event) => {
            searchText.value = event.currentTarget.value
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown') focusFirstHit(event)
          }}
          data-testid="search-input"
        />
        <button type="submit" class="button main">
          <span>Search</span>
        </button>
      </form>
      <OverlayChoice />
      <Suggestions />
    </search>
  )
}

function Suggestions() {
  if (suggestions.value.length === 0) return <p class="suggestions hint">Case and accents do not matter.</p>
  return (
    <p class="suggestions">
      <span class="hint">Try:</span>
      {suggestions.value.map((word) => (
        <button key={word} type="button" class="chip" onClick={() => void startSearch(word)} data-testid="suggestion">
          <bdi>{word}</bdi>
        </button>
      ))}
    </p>
  )
}

function focusFirstHit(event: KeyboardEvent): void {
  const first = document.querySelector<HTMLElement>('[data-hit-action]')
  if (first === null) return
  event.preventDefault()
  first.focus()
}

/** As on many pages: Esc clears the search, a slash goes to the search box. */
function listenForShortcuts(input: () => HTMLElement | null): () => void {
  const onKey = (event: KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLInputElement && event.target.type !== 'file'
    const isSlash = event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey
    if (event.key !== 'Escape' && !isSlash) return
    if (event.key === 'Escape') clearSearch()
    event.preventDefault()
    input()?.focus()
  }
  document.addEventListener('keydown', onKey)
  return () => document.removeEventListener('keydown', onKey)
}
