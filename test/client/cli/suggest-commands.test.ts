import { expect } from 'chai'
import { createProgram } from '../../../client/cli/program.ts'
import { suggestedCommands } from '../../../client/cli/suggest-commands.ts'

describe('a command that does not exist', () => {
  let commands: string[]
  before(async () => {
    commands = (await createProgram()).commands.map((command) => command.name())
  })

  const meant: Record<string, string[]> = {
    rol: ['rollback', 'rollout'],
    roll: ['rollback', 'rollout'],
    ROLLB: ['rollback'],
    rolback: ['rollback'],
    releses: ['releases'],
    statsu: ['status'],
    sohw: ['show'],
    pul: ['pull'],
    publish: ['push'],
    ls: ['releases'],
    rm: ['delete'],
    logs: [],
    constructor: [],
    '': [],
  }
  for (const [word, expected] of Object.entries(meant))
    it(`"${word}" is taken for ${expected.join(' or ') || 'none'}`, () => {
      expect(suggestedCommands(word, commands)).to.have.members(expected)
    })

  for (const [words, sentence] of [
    [['roll'], "unknown command 'roll'\n(Did you mean one of rollback, rollout?)"],
    [['logs'], "unknown command 'logs'\n(see --help)"],
    [['token', 'creat'], "unknown command 'creat'\n(Did you mean create?)"],
  ] as const)
    it(`is refused with what may be meant: slipway ${words.join(' ')}`, async () => {
      let printed = ''
      const program = (await createProgram()).configureOutput({ writeErr: (text) => (printed += text) })
      for (const command of program.commands) command.copyInheritedSettings(program)
      const code = await program.parseAsync([...words], { from: 'user' }).then(
        () => 'ran',
        (error: unknown) => (error as { code?: string }).code,
      )
      expect(code).to.equal('commander.unknownCommand')
      expect(printed).to.contain(sentence)
    })

  it('is none of those that are loaded by themselves: each of these works as it does among all', async () => {
    const all = await createProgram()
    for (const command of all.commands) {
      const alone = await createProgram(command.name())
      const same = alone.commands.find((each) => each.name() === command.name())
      expect(same?.helpInformation(), command.name()).to.equal(command.helpInformation())
      expect(alone.commands.length, command.name()).to.be.oneOf(
        command.name() === 'completion' ? [all.commands.length] : [1, 3],
      )
    }
  })
})
