import { pollSeriesSchema, tagSeriesSchema } from '../../../protocol/series.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { FleetSeries } from '../../fleet/fleet-series.ts'
import { findTagOrRefuse } from '../../releases/find-or-refuse.ts'
import { instantAt } from '../../time/clock.ts'
import { endpoint, type Endpoint } from './endpoint.ts'

export interface SeriesDependencies {
  catalog: Catalog
  series: FleetSeries
}

/** What bots did over time: `/api/v1/series`, and `…/tags/{tag}/series`. */
export function seriesEndpoints({ catalog, series }: SeriesDependencies): Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/models/{model}/tags/{tag}/series',
      id: 'readTagSeries',
      permission: 'read',
      summary: 'Read what the bots of a tag ran over the last day',
      description:
        'Counted every minute, since the start of this server at most: it is kept in memory. Of a tag with more changes than are kept it begins later, as `since` says.',
      replies: { 200: { description: 'Bots by release, over time.', schema: tagSeriesSchema } },
      problems: ['invalid-name', 'model-not-found', 'tag-not-found'],
      handle: async ({ params: { model, tag } }) => {
        await findTagOrRefuse(catalog, model, tag)
        const { since, until, points } = await series.readTag(model, tag)
        return {
          status: 200,
          body: {
            model,
            tag,
            since: instantAt(since),
            until: instantAt(until),
            seconds: series.seconds,
            points: points.map(({ at, releases }) => ({ at: instantAt(at), releases })),
          },
        }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/series',
      id: 'readSeries',
      permission: 'read',
      summary: 'Read polls and failures over the last day',
      description:
        'Counted every minute, since the start of this server at most, and only what this server answered: it is kept in memory. `/metrics` has the same for Prometheus, which keeps it.',
      replies: { 200: { description: 'Polls and failures, over time.', schema: pollSeriesSchema } },
      problems: [],
      handle: async () => {
        const { since, points } = await series.readPolls()
        return {
          status: 200,
          body: {
            since: instantAt(since),
            seconds: series.seconds,
            points: points.map(({ at, milliseconds, ...counts }) => ({
              at: instantAt(at),
              seconds: Math.round(milliseconds / 1000),
              ...counts,
            })),
          },
        }
      },
    }),
  ]
}
