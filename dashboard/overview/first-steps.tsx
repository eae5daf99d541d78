import { Copy } from '../parts/copy.tsx'
import { To } from '../parts/to.tsx'
import { addressOf } from '../page/address-of.ts'

/** The overview of a server that has nothing yet: how it gets its first release and its first bot. */
export function FirstSteps() {
  return (
    <section class="narrow steps">
      <h1>Nothing is published yet</h1>
      <p>Two steps, and this page shows what each of your bots runs.</p>
      <ol>
        <li>
          <p>
            <strong>Publish a trained archive</strong>: <To href={addressOf.publish()}>drop it here</To>, put
            it into the folder <code>models/</code> of the server, or have CI push it:
          </p>
          <Copy
            label="publish from a terminal"
            text="slipway push models/20261126-140500-first.tar.gz --model shop --tag production"
          />
        </li>
        <li>
          <p>
            <strong>Point a Rasa bot at it</strong> in its <code>endpoints.yml</code>; it needs nothing else:
          </p>
          <Copy
            label="endpoints.yml of a bot"
            text={
              'models:\n  url: http://this-server:5080/models/shop@production\n  wait_time_between_pulls: 100\n  params:\n    instance: ${HOSTNAME}'
            }
          />
        </li>
      </ol>
      <p class="faint">
        Want to see it move first? <code>slipway demo</code> plays a server, three bots, a good release and a
        bad one.
      </p>
    </section>
  )
}
