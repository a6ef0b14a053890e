import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useState } from 'react'

interface DialogProps {
  title: string
  /** One or two sentences under the title: what this does. */
  lead?: ReactNode
  onClose(): void
  isWide?: boolean
  children: ReactNode
}

/**
 * A dialog over the page; a sheet from below on a phone. Open as long as it is rendered.
 * The veil is our own: the library's own would lock scrolling by an inline style sheet, which the pages' policy refuses.
 */
export function Dialog({ title, lead, onClose, isWide, children }: DialogProps) {
  // The library hands focus back to a trigger of its own; ours are plain buttons all over the pages.
  const [opener] = useState(() => document.activeElement)
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <div aria-hidden="true" className="fixed inset-0 z-40 bg-veil" />
        <Radix.Content
          onOpenAutoFocus={(event) => {
            // Under a finger a field that is in focus brings up the keyboard, over what is to be read first.
            if (!matchMedia('(pointer: coarse)').matches) return
            event.preventDefault()
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            if (opener instanceof HTMLElement) opener.focus()
          }}
          aria-describedby={lead ? undefined : ''}
          className={`fixed inset-x-0 bottom-0 z-50 max-h-[92dvh] animate-rise overflow-y-auto overscroll-contain rounded-t-2xl bg-raised px-6 pt-6 shadow-float outline-none sm:inset-x-4 sm:top-[50dvh] sm:bottom-auto sm:mx-auto sm:-translate-y-1/2 sm:rounded-2xl sm:px-8 sm:pt-8 ${isWide ? 'sm:max-w-2xl' : 'sm:max-w-md'}`}
        >
          <header className="mb-6 grid gap-1.5">
            <Radix.Title className="pr-10 font-semibold text-xl tracking-tight [overflow-wrap:anywhere]">
              {title}
            </Radix.Title>
            {lead && <Radix.Description className="text-muted">{lead}</Radix.Description>}
          </header>
          <div className="pb-6 has-data-actions:pb-0 sm:pb-8">{children}</div>
          {/* Last, so that the keyboard begins in the first field. */}
          <Radix.Close
            aria-label="Close"
            className="absolute top-5 right-5 grid size-9 place-items-center rounded-lg text-muted hover:bg-sunken hover:text-ink sm:top-7 sm:right-7"
          >
            <svg viewBox="0 0 16 16" aria-hidden="true" className="size-4" stroke="currentColor" strokeWidth="1.75">
              <path d="m3.5 3.5 9 9m0-9-9 9" strokeLinecap="round" />
            </svg>
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** The last line of a dialog, in sight however long it is: what it does on the right, the way out beside it. */
export function Actions({ aside, children }: { aside?: ReactNode; children: ReactNode }) {
  return (
    <div
      data-actions
      className="sticky bottom-0 -mx-6 flex flex-wrap items-center justify-end gap-3 border-line border-t bg-raised px-6 py-4 sm:-mx-8 sm:px-8 sm:py-5"
    >
      {aside && <div className="mr-auto">{aside}</div>}
      {children}
    </div>
  )
}
