import { Link, type LinkProps } from '@tanstack/react-router'
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'

type Look = 'primary' | 'secondary' | 'ghost' | 'danger'
type Size = 'normal' | 'small'

const looks: Record<Look, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  secondary: 'bg-surface text-ink border border-edge hover:border-muted hover:bg-sunken',
  ghost: 'text-soft hover:text-ink hover:bg-sunken',
  danger: 'bg-bad-strong text-on-bad hover:opacity-90',
}
const sizes: Record<Size, string> = { normal: 'h-10 px-4 text-[0.9375rem]', small: 'h-8 px-3 text-sm' }

export function buttonClass(look: Look = 'secondary', size: Size = 'normal'): string {
  return `inline-flex shrink-0 select-none items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors aria-disabled:cursor-not-allowed aria-disabled:opacity-50 ${looks[look]} ${sizes[size]}`
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look
  size?: Size
  /** Work is under way: presses do nothing, and a wheel shows it. */
  isBusy?: boolean
  ref?: Ref<HTMLButtonElement>
}

/** Stays focusable while it is off or busy, so that the keyboard does not lose its place. */
export function Button({ look, size, isBusy, disabled, onClick, children, className = '', ...rest }: ButtonProps) {
  const isOff = disabled || isBusy
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      onClick={(event) => (isOff ? event.preventDefault() : onClick?.(event))}
      className={`${buttonClass(look, size)} ${className}`}
    >
      {isBusy && <Wheel />}
      {children}
    </button>
  )
}

export function ButtonLink({
  look,
  size,
  children,
  ...link
}: LinkProps & { look?: Look; size?: Size; children: ReactNode; 'aria-label'?: string }) {
  return (
    <Link {...link} className={buttonClass(look, size)}>
      {children}
    </Link>
  )
}

export function Wheel() {
  return (
    <svg viewBox="0 0 16 16" className="size-4 animate-spin" aria-hidden="true" fill="none">
      <circle cx="8" cy="8" r="6" stroke="currentColor" strokeWidth="2" opacity="0.25" />
      <path d="M14 8a6 6 0 0 0-6-6" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </svg>
  )
}
