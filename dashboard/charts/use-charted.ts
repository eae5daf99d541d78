import { useSignal, type ReadonlySignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Api } from '../api/api.ts'
import { usePage } from '../page/context.ts'
import { canBeDrawn, READ_EVERY, type Charted } from './charted.ts'
import type { DrawnChart } from './draw-chart.ts'

/** A chart that is kept up to date. */
export interface ChartOnPage {
  /** The element that it is drawn into. */
  readonly element: RefObject<HTMLDivElement | null>
  /** What was read last; null: nothing yet. */
  readonly charted: ReadonlySignal<Charted | null>
  /** Why it could not be read; empty: it could. */
  readonly problem: ReadonlySignal<string>
  /** Over which point the pointer is; null: over none. */
  readonly point: ReadonlySignal<number | null>
}

/** Reads and draws a chart when the page is awake, and again every minute: neither code nor data is part of what it comes with. */
export function useCharted(load: (api: Api) => Promise<Charted>): ChartOnPage {
  const { api } = usePage()
  const element = useRef<HTMLDivElement>(null)
  const charted = useSignal<Charted | null>(null)
  const problem = useSignal('')
  const point = useSignal<number | null>(null)
  useEffect(() => {
    if (api === null) return
    let chart: DrawnChart | undefined
    let isGone = false
    const read = async (): Promise<void> => {
      try {
        const next = await load(api)
        const { drawChart } = await import('./draw-chart.ts')
        if (isGone || element.current === null) return
        charted.value = next
        problem.value = ''
        if (!canBeDrawn(next.data)) return
        if (chart !== undefined) chart.update(next.data)
        else {
          chart = drawChart(element.current, next.data, (index) => {
            point.value = index
          })
        }
      } catch (error) {
        if (!isGone) problem.value = error instanceof Error ? error.message : String(error)
      }
    }
    void read()
    const timer = setInterval(() => {
      if (!document.hidden) void read()
    }, READ_EVERY)
    return () => {
      isGone = true
      clearInterval(timer)
      chart?.destroy()
    }
  }, [api])
  return { element, charted, problem, point }
}
