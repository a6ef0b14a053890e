import { CopyLine } from '../../kit/copy.js'
import { card, Section } from '../../kit/page.js'

/** The commands that send an app's source, with its name and this server's address in them. */
export function HowToDeploy({ app }: { app: string }) {
  const { origin } = window.location
  const ask = `curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json"`
  return (
    <Section title="How to deploy">
      <div className="grid gap-5">
        <Way title="From your machine">
          <p className="text-muted text-sm">
            Sends the folder that you are in, without what git ignores, and shows the build as it goes.
          </p>
          <CopyLine text={`mortise deploy -a ${app}`} />
        </Way>
        <Way title="From a machine without Mortise">
          <p className="text-muted text-sm">
            Pack the source, ask for a place, put the archive there, and have it built. <code>$TOKEN</code> is an API
            key; the two addresses are in the answer to the second line.
          </p>
          <CopyLine text="tar czf source.tgz --exclude=.git --exclude=node_modules ." />
          <CopyLine text={`${ask} -X POST ${origin}/sources`} />
          <CopyLine text={`curl -T source.tgz "PUT_URL"`} />
          <CopyLine text={`${ask} -d '{"source_blob":{"url":"GET_URL"}}' ${origin}/apps/${app}/builds`} />
        </Way>
      </div>
    </Section>
  )
}

function Way({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className={`grid min-w-0 content-start gap-3 p-5 ${card}`}>
      <h3 className="font-semibold">{title}</h3>
      {children}
    </div>
  )
}
