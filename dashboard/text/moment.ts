/** A moment in UTC, as a page says it before it knows the reader's zone: `14:05 UTC`, or with its day. */
export function utcMoment(instant: string, now: number): string {
  return `${localMoment(instant, now, 'UTC')} UTC`
}

/** The whole of a moment in UTC: `2026-11-26 14:05:31 UTC`. */
export function utcWhole(instant: string): string {
  return `${instant.slice(0, 19).replace('T', ' ')} UTC`
}

/** A moment in the reader's zone: `14:05`, or with its day where that is another than `now`. */
export function localMoment(instant: string, now: number, zone?: string): string {
  const isToday = day(instant, zone) === day(new Date(now).toISOString(), zone)
  return isToday ? clockTime(instant, zone) : format(instant, zone)
}

/** A moment as a field for a date and a time has it, in the reader's zone: `2026-11-26T14:05`. */
export function localField(instant: string): string {
  const moment = new Date(instant)
  // Its own digits without a zone: a moment that is shifted by the zone has them in UTC.
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** The time of the day to the second, in the reader's zone: `14:05:31`. */
export function clockTimeWithSeconds(instant: string, zone?: string): string {
  const { hour, minute, second } = parts(instant, zone)
  return `${hour}:${minute}:${second}`
}

/** The time of the day, in the reader's zone: `14:05`. */
export function clockTime(instant: string, zone?: string): string {
  const { hour, minute } = parts(instant, zone)
  return `${hour}:${minute}`
}

function format(instant: string, zone?: string): string {
  const { day: date, month, hour, minute } = parts(instant, zone)
  return `${date} ${month}, ${hour}:${minute}`
}

function day(instant: string, zone?: string): string {
  const { year, month, day: date } = parts(instant, zone)
  return `${year} ${month} ${date}`
}

const formats = new Map<string | undefined, Intl.DateTimeFormat>()

function parts(
  instant: string,
  zone?: string,
): Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string> {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      ...(zone === undefined ? {} : { timeZone: zone }),
    })
    formats.set(zone, format)
  }
  const found = Object.fromEntries(
    format.formatToParts(Date.parse(instant)).map(({ type, value }) => [type, value]),
  )
  const { year = '', month = '', day: date = '', hour = '', minute = '', second = '' } = found
  return { year, month, day: date, hour, minute, second }
}
