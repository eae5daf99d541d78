/** A value of a YAML file, and the line it stands on (from 1). */
export interface Located<Value = YamlValue> {
  value: Value
  line: number
}

export type YamlValue = string | number | boolean | null | Located[] | Map<string, Located>

/** Something to say about a line of a file. */
export interface Diagnostic {
  severity: 'error' | 'warning'
  line: number
  message: string
}

/** `endpoints.yml:4: …`, as compilers write it and editors jump to it. */
export function formatDiagnostic(file: string, { line, message }: Diagnostic): string {
  return `${file}:${line}: ${message}`
}
