import { Copy } from '../parts/copy.tsx'
import { To } from '../parts/to.tsx'
import { addressOf } from '../page/address-of.ts'
import { useMaySomewhere, usePage } from '../page/context.ts'
import { endpointsOf, pushOf } from '../text/set-up-commands.ts'

/** The overview of a server that has nothing yet: how it gets its first release and its first bot. */
export function FirstSteps() {
  const { server } = usePage()
  const mayPublish = useMaySomewhere('publish')
  return (
    <section class="narrow steps">
      <h1>Nothing is published yet</h1>
      <p>
        Two steps, and this page shows what each of your bots runs. Put the name of your assistant in place of{' '}
        <code>MODEL</code>: small letters, digits and hyphens.
      </p>
      <ol>
        <li>
          <p>
            <strong>Publish a trained archive</strong>:{' '}
            {mayPublish && (
              <>
                <To href={addressOf.publish()}>drop it here</To>, or have a terminal or CI push it
              </>
            )}
            {!mayPublish && 'from a terminal or from CI'}. <code>ARCHIVE</code> is the file that{' '}
            <code>rasa train</code> wrote:
          </p>
          <Copy label="publish from a terminal" text={pushOf(server, 'MODEL', 'production')} />
        </li>
        <li>
          <p>
            <strong>Point a Rasa bot at it</strong> in its <code>endpoints.yml</code>; it needs nothing else:
          </p>
          <Copy label="endpoints.yml of a bot" text={endpointsOf(server, 'MODEL', 'production')} />
          <p class="faint">
            The address is the one at which you see this page: bots must reach it, too. A server that asks for
            tokens wants the pull token from them: <code>token: …</code> below <code>url</code>.
          </p>
        </li>
      </ol>
      <p class="faint">
        Want to see it move first? <code>slipway demo</code> plays a server, three bots, a good release and a
        bad one.
      </p>
    </section>
  )
}
