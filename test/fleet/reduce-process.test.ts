import { expect } from 'chai'
import { processState } from '../../server/fleet/process-state.ts'
import {
  begun,
  cut,
  kinds,
  NEW,
  OLD,
  poll,
  processAfter,
  processName,
  sent,
  silence,
  target,
} from './facts.ts'

describe('reduceProcess', () => {
  it('concludes that a release was loaded from a poll with the offered digest, with the seconds since the last byte', () => {
    const { process, events } = processAfter([0, poll(null)], [0, begun(OLD)], [2, sent()], [74, poll(OLD)])
    expect(events).to.deep.include({
      ...OLD,
      kind: 'loaded',
      process: processName('a'),
      at: events[0]!.at,
      seconds: 72,
    })
    expect(process).to.include({ digest: OLD.digest, loadSeconds: 72, polls: 1, offer: null })
  })

  it('counts one failed load where an archive was sent and the bare name comes again', () => {
    const { process, events } = processAfter([0, poll(null)], [0, begun(OLD)], [2, sent()], [10, poll(null)])
    expect(kinds(events)).to.deep.equal(['load-failed'])
    expect(process.failures).to.have.length(1)
    expect(process.failures[0]).to.include({ ...OLD, loads: 1, transfers: 0 })
  })

  it('counts one failed load where an archive was sent and the old digest comes again', () => {
    const { process, events } = processAfter(
      ...[[0, poll(OLD)] as const, [1, begun(NEW)] as const, [2, sent()] as const],
      ...[[10, poll(OLD)] as const, [20, poll(OLD)] as const],
    )
    expect(kinds(events)).to.deep.equal(['runs', 'load-failed'])
    expect(process.failures[0]?.loads).to.equal(1)
  })

  it('counts one failed transfer where the connection broke, and none for the poll after it', () => {
    const { process, events } = processAfter([0, poll(null)], [0, begun(OLD)], [5, cut()], [10, poll(null)])
    expect(kinds(events)).to.deep.equal(['transfer-failed'])
    expect(process.failures[0]).to.include({ loads: 0, transfers: 1 })
  })

  it('counts a failed transfer where a reset comes after the last byte was handed over', () => {
    const { events } = processAfter([0, poll(null)], [0, begun(OLD)], [5, sent()], [6, cut()])
    expect(kinds(events)).to.deep.equal(['transfer-failed'])
  })

  it('counts a failed transfer for a poll 290 s after an offer began that is still being sent', () => {
    const { events } = processAfter([0, poll(null)], [0, begun(OLD)], [290, poll(null)])
    expect(kinds(events)).to.deep.equal(['transfer-failed'])
  })

  it('changes nothing but times for a poll while an offer is being sent', () => {
    const before = processAfter([0, poll(null)], [0, begun(OLD)])
    const after = processAfter([0, poll(null)], [0, begun(OLD)], [289, poll(null)])
    expect(after.events).to.deep.equal([])
    expect(after.process).to.deep.equal({ ...before.process, lastSeen: after.process.lastSeen })
  })

  it('counts a second answer while the first is being sent as the same attempt, begun when the first was', () => {
    const { process } = processAfter(
      [0, poll(null)],
      [0, begun(OLD)],
      [100, poll(null)],
      [100, begun(OLD, processName('a'), 's2')],
    )
    expect(process.offer).to.include({ attempt: 1, stream: 's2' })
    expect(process.lastSeen - process.offer!.begunAt).to.equal(100_000)
  })

  it('goes on with the first answer where a second one could not be begun', () => {
    const withdrawn = { kind: 'offer-withdrawn', process: processName('a'), stream: 's2' } as const
    const { process } = processAfter(
      ...[[0, poll(OLD)] as const, [1, begun(NEW)] as const],
      [100, begun(NEW, processName('a'), 's2')],
      [100, withdrawn],
    )
    expect(process.offer).to.include({ digest: NEW.digest, stream: 's1' })
  })

  it('ignores the end of a connection that another one took over from', () => {
    const { process, events } = processAfter(
      ...[[0, poll(null)] as const, [0, begun(OLD)] as const],
      [100, begun(OLD, processName('a'), 's2')],
      [130, cut(processName('a'), 's1')],
    )
    expect(events).to.deep.equal([])
    expect(process.offer).not.to.equal(null)
  })

  it('believes the offered digest even where the last byte was not seen leaving', () => {
    const { events } = processAfter([0, poll(null)], [0, begun(OLD)], [40, poll(OLD)])
    expect(kinds(events)).to.deep.equal(['loaded'])
  })

  it('never counts a digest that was not offered as a failure', () => {
    const { process, events } = processAfter(
      [0, poll(OLD)],
      [1, begun(NEW)],
      [2, sent()],
      [60, poll(target(99))],
    )
    expect(kinds(events)).to.deep.equal(['runs', 'runs'])
    expect(process.failures).to.deep.equal([])
    expect(process.digest).to.equal(target(99).digest)
  })

  it('forgets the failures of a release that was loaded after all', () => {
    const { process } = processAfter(
      ...[[0, poll(OLD)] as const, [1, begun(NEW)] as const, [2, sent()] as const, [10, poll(OLD)] as const],
      ...[[10, begun(NEW)] as const, [12, sent()] as const, [60, poll(NEW)] as const],
    )
    expect(process.failures).to.deep.equal([])
  })

  it('forgets a failed transfer of what it shows that it runs after all', () => {
    const { process } = processAfter(
      ...[[0, poll(OLD)] as const, [1, begun(NEW)] as const, [2, sent()] as const],
      ...[[3, cut()] as const, [60, poll(NEW)] as const],
    )
    expect(process.digest).to.equal(NEW.digest)
    expect(process.failures).to.deep.equal([])
  })

  it('numbers the attempts at a release', () => {
    const { process } = processAfter(
      ...[[0, poll(OLD)] as const, [1, begun(NEW)] as const, [2, sent()] as const, [10, poll(OLD)] as const],
      [10, begun(NEW)],
    )
    expect(process.offer?.attempt).to.equal(2)
  })

  describe('silence', () => {
    it('is a loss after five minutes', () => {
      expect(kinds(processAfter([0, poll(OLD)], [300, silence()]).events)).to.deep.equal(['runs'])
      expect(kinds(processAfter([0, poll(OLD)], [301, silence()]).events)).to.deep.equal(['runs', 'lost'])
    })

    it('is a loss after three learned intervals where those are longer', () => {
      const polls = [0, 200, 400, 600].map((at) => [at, poll(OLD)] as const)
      expect(kinds(processAfter(...polls, [1199, silence()]).events)).not.to.include('lost')
      expect(kinds(processAfter(...polls, [1201, silence()]).events)).to.include('lost')
    })

    it('says nothing for ten minutes after an offer', () => {
      const facts = [[0, poll(null)] as const, [0, begun(OLD)] as const, [60, sent()] as const]
      expect(kinds(processAfter(...facts, [660, silence()]).events)).to.deep.equal([])
      expect(kinds(processAfter(...facts, [661, silence()]).events)).to.deep.equal(['lost'])
    })

    it('says nothing after an offer for five times the slowest load', () => {
      const facts = [[0, poll(null)] as const, [0, begun(OLD)] as const, [0, sent()] as const]
      expect(kinds(processAfter(...facts, [1570, silence(undefined, 314)]).events)).to.deep.equal([])
      expect(kinds(processAfter(...facts, [1571, silence(undefined, 314)]).events)).to.deep.equal(['lost'])
    })

    it('says nothing until twice the window has passed after a start of the server', () => {
      const started = processAfter([0, poll(OLD)]).process.lastSeen + 1_000_000
      expect(
        kinds(processAfter([0, poll(OLD)], [1599, silence(undefined, null, started)]).events),
      ).not.to.include('lost')
      expect(
        kinds(processAfter([0, poll(OLD)], [1601, silence(undefined, null, started)]).events),
      ).to.include('lost')
    })

    it('is undone by the next poll', () => {
      const { process, events } = processAfter([0, poll(OLD)], [400, silence()], [500, poll(OLD)])
      expect(kinds(events)).to.deep.equal(['runs', 'lost', 'heard-again'])
      expect(processState(process)).to.equal('running')
    })
  })
})

describe('processState', () => {
  it('tells what a process is doing', () => {
    const state = (...facts: Parameters<typeof processAfter>): string =>
      processState(processAfter(...facts).process)
    expect(state([0, poll(null)])).to.equal('starting')
    expect(state([0, poll(null)], [0, begun(OLD)])).to.equal('loading')
    expect(state([0, poll(null)], [0, begun(OLD)], [1, sent()])).to.equal('loading')
    expect(state([0, poll(OLD)])).to.equal('running')
    const answered = { kind: 'answered', process: processName('a') } as const
    expect(state([0, poll(OLD)], [0, { ...answered, standing: 'waiting' }])).to.equal('waiting')
    expect(state([0, poll(OLD)], [0, { ...answered, standing: 'draining' }])).to.equal('draining')
    expect(state([0, poll(OLD)], [0, { ...answered, standing: 'left-alone' }])).to.equal('failing')
    expect(state([0, poll(OLD)], [400, silence()])).to.equal('lost')
  })
})
