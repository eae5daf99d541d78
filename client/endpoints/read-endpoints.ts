import { nearestName } from '../../protocol/nearest-name.ts'
import { modelServerOf } from './model-server.ts'
import type { ModelServer } from './model-server.ts'
import { formatDiagnostic } from './located.ts'
import type { Diagnostic } from './located.ts'
import { readYamlBlock } from './read-yaml.ts'

/** What an endpoints.yml says about the model server. */
export interface EndpointsReading {
  /** Undefined where there are errors. */
  server: ModelServer | undefined
  /** Sentences with file and line. */
  errors: string[]
  warnings: string[]
}

/**
 * Reads the `models:` block of an endpoints.yml as Rasa reads it, and says what Rasa gets wrong in silence.
 *
 * @param file Its name, for messages.
 */
export function readEndpoints(
  text: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): EndpointsReading {
  const { block, diagnostics, names } = readYamlBlock(text, 'models', environment)
  let server: ModelServer | undefined
  if (block?.value instanceof Map) server = modelServerOf(block.value, block.line, diagnostics)
  else if (diagnostics.length === 0) diagnostics.push(noBlock(block?.line, names))
  const of = (severity: Diagnostic['severity']): string[] =>
    diagnostics.filter((each) => each.severity === severity).map((each) => formatDiagnostic(file, each))
  const errors = of('error')
  return { server: errors.length > 0 ? undefined : server, errors, warnings: of('warning') }
}

function noBlock(line: number | undefined, names: string[]): Diagnostic {
  if (line !== undefined) {
    return {
      severity: 'error',
      line,
      message: '"models:" holds no keys: expected at least "url:" below it, indented',
    }
  }
  const near = names.find((name) => nearestName(name, ['models']) !== undefined)
  const advice = near === undefined ? '' : `; did you mean it by "${near}:"?`
  return {
    severity: 'error',
    line: 1,
    message: `there is no "models:" block, so no model server is named${advice}`,
  }
}
