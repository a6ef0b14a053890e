import { useState } from 'react'
import { Button } from './button.js'

/** Takes a text along. @param what is copied, where the page has several of these */
export function CopyButton({ text, what }: { text: string; what?: string }) {
  const [isCopied, setCopied] = useState(false)
  async function copy() {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
      setTimeout(setCopied, 2_000, false)
    } catch {
      // Without leave to use the clipboard the text is still there to be selected.
      setCopied(false)
    }
  }
  return (
    <Button look="ghost" size="small" onClick={copy}>
      <span aria-live="polite">{isCopied ? 'Copied' : 'Copy'}</span>
      {what && <span className="sr-only"> {what}</span>}
    </Button>
  )
}

/** A line for the terminal, and a button that takes it along. */
export function CopyLine({ text }: { text: string }) {
  return (
    <div className="flex items-center gap-2 rounded-lg border border-line bg-sunken py-1.5 pr-1.5 pl-3 text-left">
      <code className="min-w-0 flex-1 text-[0.8125rem] text-soft [overflow-wrap:anywhere]">{text}</code>
      <CopyButton text={text} />
    </div>
  )
}
