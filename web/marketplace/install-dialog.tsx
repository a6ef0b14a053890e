import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { changed } from '../dashboard/resources.js'
import { Button } from '../kit/button.js'
import { Actions, Dialog } from '../kit/dialog.js'
import { Choice } from '../kit/field.js'
import { Loaded } from '../kit/loaded.js'
import { Empty } from '../kit/state.js'
import { useSay } from '../kit/toast.js'
import { services } from './catalog-queries.js'
import { InstallForm } from './install-form.js'
import { search } from './search.js'

/** Which service, and then the form of every install. */
export function InstallDialog({ app, onClose }: { app: string; onClose(): void }) {
  const catalog = useQuery(services)
  const say = useSay()
  const [chosen, setService] = useState('')
  const [plan, setPlan] = useState('')
  const offered = search(catalog.data ?? [], {})
  const service = chosen || offered[0]?.name || ''
  const lead = `It is created for ${app}, and its config vars go out with a new release.`

  if (!catalog.data || offered.length === 0) {
    return (
      <Dialog title="Add an add-on" onClose={onClose} isWide>
        <Loaded read={catalog} what="The choices">
          {() => (
            <Empty title="The marketplace is empty">A provider publishes a service by pushing its manifest.</Empty>
          )}
        </Loaded>
      </Dialog>
    )
  }
  return (
    <Dialog title="Add an add-on" lead={lead} onClose={onClose} isWide>
      <InstallForm
        app={app}
        service={service}
        plan={plan}
        onPlan={setPlan}
        choices={
          <Choice
            label="Service"
            name="service"
            value={service}
            onChange={(event) => {
              setService(event.target.value)
              setPlan('')
            }}
          >
            {offered.map((one) => (
              <option key={one.id} value={one.name}>
                {one.human_name}
              </option>
            ))}
          </Choice>
        }
        onOrdered={async (addon) => {
          say(addon.state === 'provisioned' ? `${addon.name} is ready.` : `${addon.name} is being created.`)
          onClose()
          await changed(app)
        }}
        actions={(button) => (
          <Actions>
            <Button onClick={onClose}>Cancel</Button>
            {button}
          </Actions>
        )}
      />
    </Dialog>
  )
}
