import { expect } from 'chai'
import { z } from 'zod'
import { JsonSchemas } from '../../../server/http/openapi/json-schemas.ts'

describe('JSON Schemas from zod', () => {
  it('are components where they have an id, and referred to', () => {
    const schemas = new JsonSchemas(new Set())
    const fish = z.object({ name: z.string() }).meta({ id: 'FishForTest', description: 'A fish.' })
    expect(schemas.add(z.array(fish), 'reply')).to.deep.equal({
      type: 'array',
      items: { $ref: '#/components/schemas/FishForTest' },
    })
    expect(schemas.components).to.have.all.keys('FishForTest')
  })

  it('refuse one id for two shapes', () => {
    const schemas = new JsonSchemas(new Set())
    schemas.add(z.object({ name: z.string() }).meta({ id: 'DogForTest' }), 'reply')
    const other = z.object({ age: z.int() }).meta({ id: 'DogForTest' })
    expect(() => schemas.add(other, 'reply')).to.throw('DogForTest')
  })

  it('are two where one is both sent and answered', () => {
    const slice = z.strictObject({ part: z.int() }).meta({ id: 'SliceForTest' })
    const scout = new JsonSchemas(new Set())
    scout.add(slice, 'request')
    scout.add(slice, 'reply')
    const schemas = new JsonSchemas(scout.sharedIds())
    expect(schemas.add(slice, 'request')).to.deep.equal({ $ref: '#/components/schemas/SliceForTestRequest' })
    expect(schemas.add(slice, 'reply')).to.deep.equal({ $ref: '#/components/schemas/SliceForTest' })
    expect(schemas.components['SliceForTestRequest']).to.have.property('additionalProperties', false)
    expect(schemas.components['SliceForTest']).to.not.have.property('additionalProperties')
  })

  it('call a nullable value what it is, with the description of the whole', () => {
    const schema = z.int().min(1).meta({ description: 'inner', example: 1 }).nullable()
    expect(new JsonSchemas(new Set()).add(schema.meta({ description: 'outer' }), 'reply')).to.deep.equal({
      type: ['integer', 'null'],
      minimum: 1,
      description: 'outer',
      examples: [1],
    })
  })

  it('leave answers open to new fields, and strict requests closed', () => {
    const strict = z.strictObject({ name: z.string() })
    expect(new JsonSchemas(new Set()).add(strict, 'request')).to.have.property('additionalProperties', false)
    expect(new JsonSchemas(new Set()).add(strict, 'reply')).to.not.have.property('additionalProperties')
  })

  it('write an example the way OpenAPI 3.1 has it, also where it is null', () => {
    const schema = z.string().nullable().meta({ example: null })
    expect(new JsonSchemas(new Set()).add(schema, 'reply')).to.deep.include({ examples: [null] })
  })
})
