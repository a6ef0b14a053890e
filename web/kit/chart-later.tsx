import { type ComponentProps, lazy, Suspense } from 'react'

const Chart = lazy(() => import('./chart.js').then((module) => ({ default: module.Chart })))

/** A chart, whose program is fetched when the first one is looked at. */
export function ChartLater(props: ComponentProps<typeof Chart>) {
  const place = (
    <div aria-busy="true" className="h-52 animate-breathe rounded-lg bg-line opacity-50">
      <span role="status" className="sr-only">
        Loading the chart {props.title}
      </span>
    </div>
  )
  return (
    <Suspense fallback={place}>
      <Chart {...props} />
    </Suspense>
  )
}
