import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export interface Line {
  name: string
  /** The class of its colour, such as `text-accent`; never the only difference: lines are named and dashed apart. */
  colour: string
  dash?: number[]
  values: (number | null)[]
}

interface ChartProps {
  title: string
  /** Points in time, ISO 8601, oldest first. */
  times: string[]
  lines: Line[]
  /** What the figures are, such as `ms`. */
  unit?: string
  height?: number
}

/**
 * Lines over time, for who would rather look than read; the same figures stand in a table beneath, for everybody else.
 * Colours are read from the page, so both themes are right; nothing is written into it but by the canvas.
 */
export function Chart({ title, times, lines, unit = '', height = 150 }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const data = [times.map((at) => Date.parse(at) / 1000), ...lines.map((line) => line.values)] as uPlot.AlignedData
  const latest = useRef(data)
  latest.current = data
  const shape = JSON.stringify(lines.map(({ name, colour, dash }) => [name, colour, dash]))

  useEffect(() => {
    const box = place.current
    if (!box) return
    const draw = () => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsOf(box, shape, height), latest.current, box)
    }
    draw()
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: box.clientWidth, height }))
    resized.observe(box)
    // Another theme, chosen here or by the machine: the canvas does not change by itself.
    const chosen = new MutationObserver(draw)
    chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    const machine = window.matchMedia('(prefers-color-scheme: dark)')
    machine.addEventListener('change', draw)
    return () => {
      resized.disconnect()
      chosen.disconnect()
      machine.removeEventListener('change', draw)
      plot.current?.destroy()
    }
  }, [shape, height])
  useEffect(() => plot.current?.setData(data), [data])

  return (
    <figure className="min-w-0">
      <figcaption className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <span className="font-medium">{title}</span>
        {lines.map((line) => (
          <span key={line.name} className="inline-flex items-center gap-1.5 text-soft text-xs">
            <svg viewBox="0 0 16 4" aria-hidden="true" className={`h-1 w-4 ${line.colour}`}>
              <path d="M0 2h16" stroke="currentColor" strokeWidth="2" strokeDasharray={line.dash?.join(' ')} />
            </svg>
            {line.name}
          </span>
        ))}
      </figcaption>
      <div ref={place} aria-hidden="true" className="w-full overflow-hidden" />
      <details className="mt-1 text-sm">
        <summary className="cursor-pointer rounded text-muted text-xs">The figures as a table</summary>
        <section
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls.
          tabIndex={0}
          aria-label={`${title}, as a table`}
          className="relative mt-2 max-h-64 overflow-auto rounded-lg border border-line"
        >
          <table className="w-full text-left text-xs">
            <thead className="sticky top-0 bg-sunken text-muted">
              <tr>
                <th scope="col" className="px-3 py-1.5 font-medium">
                  Time
                </th>
                {lines.map((line) => (
                  <th key={line.name} scope="col" className="px-3 py-1.5 text-right font-medium">
                    {line.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="divide-y divide-line">
              {times
                .map((at, row) => ({ at, row }))
                .reverse()
                .map(({ at, row }) => (
                  <tr key={at}>
                    <th scope="row" className="px-3 py-1 font-normal text-muted">
                      {new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}
                    </th>
                    {lines.map((line) => (
                      <td key={line.name} className="px-3 py-1 text-right">
                        {line.values[row] === null || line.values[row] === undefined
                          ? '–'
                          : `${line.values[row]?.toLocaleString('en-US')}${unit && ` ${unit}`}`}
                      </td>
                    ))}
                  </tr>
                ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  )
}

function optionsOf(box: HTMLElement, shape: string, height: number): uPlot.Options {
  const lines = JSON.parse(shape) as [name: string, colour: string, dash?: number[]][]
  const muted = colourOf(box, 'text-muted')
  const grid = { stroke: colourOf(box, 'text-line'), width: 1 }
  const axis = { stroke: muted, grid, ticks: { show: false }, font: '11px sans-serif' }
  return {
    width: box.clientWidth || 300,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: { y: { range: (_, __, max) => [0, Math.max(4, Math.ceil((max ?? 0) * 1.15))] } },
    axes: [
      {
        ...axis,
        values: (_, at) =>
          at.map((one) => new Date(one * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })),
        space: 70,
        size: 30,
      },
      {
        ...axis,
        size: 44,
        space: 34,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000],
      },
    ],
    series: [
      {},
      ...lines.map(([label, colour, dash]) => ({
        label,
        stroke: colourOf(box, colour),
        width: 1.75,
        spanGaps: false,
        points: { show: false },
        ...(dash ? { dash } : {}),
      })),
    ],
  }
}

/** What a class of ours comes to here and now. */
function colourOf(box: HTMLElement, name: string): string {
  const probe = document.createElement('span')
  probe.className = `hidden ${name}`
  box.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
