import type { Option } from '@mortise/contract/manifest/options'
import { Choice, Field } from '../kit/field.js'

interface OptionFieldsProps {
  options: readonly Option[]
  values: Record<string, string>
  wrong: Record<string, string>
  onChange(name: string, value: string): void
}

/** A field for each option that the provider declares: in its words, never more than text. */
export function OptionFields({ options, values, wrong, onChange }: OptionFieldsProps) {
  return (
    <fieldset className="grid items-start gap-5 sm:grid-cols-2">
      <legend className="mb-3 font-medium text-sm">Options</legend>
      {options.map((option) => {
        const value = values[option.name] ?? ''
        const common = {
          label: option.isRequired ? option.title : `${option.title} (optional)`,
          hint: hintOf(option),
          error: wrong[option.name] ?? null,
          name: `option-${option.name}`,
          value,
        }
        const choices = option.choices.length ? option.choices : option.type === 'boolean' ? ['true', 'false'] : []
        return choices.length ? (
          <Choice key={option.name} {...common} onChange={(event) => onChange(option.name, event.target.value)}>
            {(!option.isRequired || value === '') && (
              <option value="">{option.isRequired ? 'Choose one' : 'As usual'}</option>
            )}
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {option.type === 'boolean' ? (choice === 'true' ? 'Yes' : 'No') : choice}
              </option>
            ))}
          </Choice>
        ) : (
          <Field
            key={option.name}
            {...common}
            type={option.type === 'string' ? 'text' : 'number'}
            step={option.type === 'integer' ? 1 : option.type === 'number' ? 'any' : undefined}
            min={option.minimum ?? undefined}
            max={option.maximum ?? undefined}
            maxLength={option.type === 'string' ? (option.lengthMax ?? 8192) : undefined}
            onChange={(event) => onChange(option.name, event.target.value)}
          />
        )
      })}
    </fieldset>
  )
}

function hintOf({ description, type, minimum, maximum }: Option): string | undefined {
  const isBounded = type === 'number' || type === 'integer'
  const bounds =
    isBounded && minimum !== null && maximum !== null
      ? `${minimum} to ${maximum}.`
      : isBounded && minimum !== null
        ? `At least ${minimum}.`
        : isBounded && maximum !== null
          ? `At most ${maximum}.`
          : ''
  return [description, bounds].filter(Boolean).join(' ') || undefined
}
