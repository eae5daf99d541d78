import uPlot from 'uplot'
import { clockTime } from '../text/moment.ts'
import type { ChartData } from './chart-data.ts'

/** A chart that was drawn. */
export interface DrawnChart {
  update(data: ChartData): void
  destroy(): void
}

const HEIGHT = 180

/** What may lie between two times on the axis, in seconds: less than a minute would show the same time twice. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720].map((minutes) => minutes * 60)

/**
 * Draws lines over time into an element, as wide as that is, in the colours of the page. Loaded by the pages that have one
 * alone: it is more than half of what a page loads.
 *
 * @param onPoint Told over which point the pointer is; null: over none.
 */
export function drawChart(
  element: HTMLElement,
  first: ChartData,
  onPoint: (index: number | null) => void,
): DrawnChart {
  let data = first
  let drawn = draw()
  const resized = new ResizeObserver(() => {
    drawn.setSize({ width: element.clientWidth, height: HEIGHT })
  })
  resized.observe(element)
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const redraw = (): void => {
    drawn.destroy()
    drawn = draw()
  }
  scheme.addEventListener('change', redraw)
  return {
    update(next) {
      const isAlike =
        next.lines.length === data.lines.length &&
        next.lines.every(({ label }, index) => label === data.lines[index]?.label)
      data = next
      if (isAlike) drawn.setData(aligned(next))
      else redraw()
    },
    destroy() {
      resized.disconnect()
      scheme.removeEventListener('change', redraw)
      drawn.destroy()
    },
  }

  function draw(): uPlot {
    const styles = getComputedStyle(element)
    const color = resolveColors(element)
    const axis = {
      stroke: color('--faint'),
      font: `12px ${styles.fontFamily}`,
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
    }
    const stepped = uPlot.paths.stepped?.({ align: 1 })
    return new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        padding: [8, 8, 0, 0],
        cursor: { y: false, drag: { x: false, y: false } },
        scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } },
        axes: [
          {
            ...axis,
            incrs: TIME_STEPS,
            values: (_, times) => times.map((time) => clockTime(new Date(time * 1000).toISOString())),
          },
          {
            ...axis,
            size: 46,
            values: (_, values) => values.map((value) => (Number.isInteger(value) ? String(value) : '')),
          },
        ],
        series: [
          {},
          ...data.lines.map(({ label, colorName }) => ({
            label,
            stroke: color(colorName),
            width: 2,
            points: { show: false },
            ...(data.isStepped && stepped !== undefined ? { paths: stepped } : {}),
          })),
        ],
        hooks: {
          setCursor: [
            ({ cursor }) => {
              onPoint(cursor.idx ?? null)
            },
          ],
        },
      },
      aligned(data),
      element,
    )
  }
}

/** A canvas knows no `var()` and no `light-dark()`: an element tells what they come to. */
function resolveColors(element: HTMLElement): (name: string) => string {
  return (name) => {
    const probe = document.createElement('span')
    probe.style.color = `var(${name})`
    element.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
}

function aligned({ times, lines }: ChartData): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])]
}
