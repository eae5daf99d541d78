import type { OpenApiDocument, OperationObject } from '../../server/http/openapi/document-objects.ts'
import { curlExample } from '../../server/http/pages/curl-example.ts'

/** docs/reference/api.md: every operation, with a command of curl. */
export function apiReferencePage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
  const sections = document.tags.map(
    ({ name, description }) =>
      `## ${name}\n\n${description}\n\n${operations
        .filter(({ operation }) => operation.tags.includes(name))
        .map((one) => describe(document, one))
        .join('\n')}`,
  )
  return `# API

${document.info.description}

Made from the code by \`scripts/openapi\`, as [the OpenAPI document](../openapi.json) is, which has every schema. A running server shows the same at \`/docs\`. The commands of curl expect the
server's address in \`SLIPWAY_URL\` and a token in \`SLIPWAY_TOKEN\`. Problems: [every code](../problems.md).

${sections.join('\n')}`
}

function describe(
  document: OpenApiDocument,
  one: { method: string; path: string; operation: OperationObject },
): string {
  const { method, path, operation } = one
  const answers = Object.entries(operation.responses)
    .filter(([status]) => Number(status) < 400)
    .map(([status, { description }]) => `- ${status}: ${description}`)
  return `### ${operation.summary}

\`${method.toUpperCase()} ${path}\`

${operation.description === undefined ? '' : `${operation.description}\n\n`}\`\`\`sh
${curlExample(document, one)}
\`\`\`

${answers.join('\n')}
`
}
