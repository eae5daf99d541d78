import { useSignal } from '@preact/signals'
import type { EventType } from '../../protocol/event.ts'
import type { WebhookFormat } from '../../protocol/webhook.ts'
import { addWebhook } from '../actions/webhooks.ts'
import { usePage } from '../page/context.ts'
import { ChoiceField } from '../parts/choice-field.tsx'
import { TextField } from '../parts/text-field.tsx'
import { CALM_EVENTS, EVENT_WORDS } from './event-words.ts'
import { ScriptButton } from '../parts/script-button.tsx'

/** For whom messages are, how an address of that kind begins, and where its reader gets one. */
const FORMATS = [
  [
    ...(['slack', 'Slack', 'https://hooks.slack.com/services/…'] as const),
    'In Slack: your app, Incoming Webhooks, Add New Webhook.',
  ],
  [
    ...(['teams', 'Teams', 'https://….logic.azure.com/workflows/…'] as const),
    'In Teams: Workflows, “Post to a channel when a webhook request is received”.',
  ],
  [
    ...(['standard', 'a program (signed JSON)', 'https://receiver.example.com/hook'] as const),
    'Any address that takes a POST; its signature says that it is from here.',
  ],
] as const satisfies readonly (readonly [WebhookFormat, words: string, address: string, help: string])[]

const TYPES = Object.keys(EVENT_WORDS) as EventType[]

/** Says where events shall be sent, which, and how. */
export function WebhookForm() {
  const { confirm } = usePage()
  const url = useSignal('')
  const name = useSignal('')
  const format = useSignal<WebhookFormat>('slack')
  const events = useSignal<readonly EventType[]>(CALM_EVENTS)
  const models = useSignal('')
  const [, , placeholder, help] = FORMATS.find(([each]) => each === format.value) ?? FORMATS[2]
  return (
    <form
      class="needs-script"
      onSubmit={(event) => {
        event.preventDefault()
        confirm(
          addWebhook({
            url: url.value.trim(),
            name: name.value.trim(),
            format: format.value,
            events: events.value,
            models: models.value.split(/[\s,]+/).filter(Boolean),
          }),
        )
      }}
    >
      <div class="fields">
        <TextField
          label="Address"
          hint="https, on the public internet; hosts of your own need SLIPWAY_WEBHOOK_HOSTS"
          isWide
          type="url"
          required
          maxLength={2000}
          placeholder={placeholder}
          text={url}
        />
        <TextField label="Name" hint="(optional)" maxLength={100} placeholder="on-call channel" text={name} />
        <ChoiceField label="For" choices={FORMATS} chosen={format} />
        <TextField label="Models" hint="(empty: all)" placeholder="shop, support" text={models} />
      </div>
      <p class="hint">{help}</p>
      <fieldset>
        <legend>Tells when</legend>
        {TYPES.map((type) => (
          <label key={type} class="choice">
            <input
              type="checkbox"
              checked={events.value.includes(type)}
              onChange={(event) => {
                const others = events.value.filter((each) => each !== type)
                events.value = event.currentTarget.checked ? [...others, type] : others
              }}
            />{' '}
            {EVENT_WORDS[type]}
          </label>
        ))}
      </fieldset>
      <ScriptButton type="submit" class="help" aria-haspopup="dialog" disabled={events.value.length === 0}>
        Add the webhook…
      </ScriptButton>
    </form>
  )
}
