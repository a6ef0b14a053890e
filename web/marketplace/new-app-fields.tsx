import { useQuery } from '@tanstack/react-query'
import { teams } from '../dashboard/teams/queries.js'
import { Choice, Field } from '../kit/field.js'

/** What is said of an app that is made together with its first add-on; its region stands with the plan. */
export interface NewApp {
  /** Empty: it gets one. */
  name: string
  /** Empty: whoever makes it owns it. */
  team: string
}

export function NewAppFields({ value, onChange }: { value: NewApp; onChange(value: NewApp): void }) {
  const { data = [] } = useQuery(teams)
  const open = data.filter(({ role }) => role === 'admin' || role === 'owner' || role === 'member')
  return (
    <div className="grid items-start gap-5 sm:grid-cols-2">
      <Field
        label="Name of the app"
        name="app-name"
        hint="Lower-case letters, digits and hyphens. Leave it empty and it gets one."
        isName
        maxLength={30}
        value={value.name}
        onChange={(event) => onChange({ ...value, name: event.target.value })}
      />
      {open.length > 0 && (
        <Choice
          label="Owner"
          name="owner"
          value={value.team}
          onChange={(event) => onChange({ ...value, team: event.target.value })}
        >
          <option value="">Yourself</option>
          {open.map((one) => (
            <option key={one.id} value={one.name}>
              The team {one.name}
            </option>
          ))}
        </Choice>
      )}
    </div>
  )
}
