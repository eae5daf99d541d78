import { Sentence } from '../parts/sentence.tsx'
import { Time } from '../parts/time.tsx'
import { activitySentence, type Activity } from './activity.ts'

/** What happened, the last first. */
export function ActivityList({ activities }: { activities: readonly Activity[] }) {
  return (
    <section class="activity" aria-labelledby="activity-title">
      <h2 id="activity-title">Activity</h2>
      {activities.length === 0 ? (
        <p class="faint">Nothing has happened yet: what is published, promoted and loaded stands here.</p>
      ) : (
        <Activities activities={activities} />
      )}
    </section>
  )
}

/** Each with its time and its sentence. */
export function Activities({ activities }: { activities: readonly Activity[] }) {
  return (
    <ol>
      {activities.map((activity) => (
        <li key={activity.id} class={activity.tone}>
          <Time at={activity.at} />
          <span>
            <Sentence text={activitySentence(activity)} />
          </span>
        </li>
      ))}
    </ol>
  )
}
