import type { ContentCheck } from './content-check.ts'
import { JsonCheck } from './json-check.ts'
import { SafetensorsCheck } from './safetensors-check.ts'
import { TensorIndexCheck } from './tensor-index-check.ts'
import { ZipCheck } from './zip-check.ts'

const CHECKS: readonly [ending: string, make: (size: number) => ContentCheck][] = [
  ['.json', () => new JsonCheck()],
  ['.skops', (size) => new ZipCheck(size)],
  ['.st', (size) => new SafetensorsCheck(size)],
  ['.tf_model.index', () => new TensorIndexCheck()],
]

/** What checks a file with this name and size; nothing does where no format is known by the name's ending. */
export function contentCheckFor(name: string, size: number): ContentCheck | undefined {
  return CHECKS.find(([ending]) => name.endsWith(ending))?.[1](size)
}
