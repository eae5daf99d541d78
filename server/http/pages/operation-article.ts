import type { JsonSchema } from '../openapi/json-schemas.ts'
import type { Content, OpenApiDocument, OperationObject, ReplyObject } from '../openapi/document-objects.ts'
import { curlExample } from './curl-example.ts'
import { exampleOf } from './example.ts'
import { html, inline, prose, type Html } from './html.ts'
import { example, limits, nameOfReference, typeOf } from './schema-fields.ts'

/** One operation: what it takes, and what it answers. */
export function operationArticle(
  document: OpenApiDocument,
  { method, path, operation }: { method: string; path: string; operation: OperationObject },
): Html {
  const { operationId, summary, description, security, parameters, requestBody, responses } = operation
  const replies = Object.entries(responses)
  const isProblem = ([status]: [string, ReplyObject]): boolean => Number(status) >= 400
  return html`<article class="operation" id="${operationId}">
    <h3><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code></h3>
    <p>${summary}.${security.length === 0 ? html` <span class="faint">Open to everybody.</span>` : ''}</p>
    <details>
      <summary>Request and answers</summary>
      <pre tabindex="0">${curlExample(document, { method, path, operation })}</pre>
      ${description === undefined ? '' : prose(description)}
      ${
        parameters.length === 0
          ? ''
          : html`<h4>Parameters</h4>
              <dl>
                ${parameters.map(
                  ({ name, in: where, required, description: about, schema }) =>
                    html`<dt>
                        <code>${name}</code>
                        <span class="faint">${where}, ${typeOf(schema)}${required ? '' : ', optional'}</span>
                      </dt>
                      <dd>${inline(about)}${limits(schema)}${example(schema)}</dd>`,
                )}
              </dl>`
      }
      ${
        requestBody === undefined
          ? ''
          : html`<h4>Body${requestBody.required ? '' : ' (optional)'}</h4>
              ${contents(document, requestBody.content)}`
      }
      <h4>Answers</h4>
      <dl>
        ${replies
          .filter((reply) => !isProblem(reply))
          .map(
            ([status, { description: about, headers = {}, content = {} }]) =>
              html`<dt><span class="status">${status}</span></dt>
                <dd>${inline(about)}${fieldNames(headers)}${contents(document, content)}</dd>`,
          )}
      </dl>
      ${problems(replies.filter(isProblem))}
    </details>
  </article> `
}

function fieldNames(headers: object): Html | string {
  const names = Object.keys(headers)
  if (names.length === 0) return ''
  return html` <span class="faint"
    >With ${names.map((name, index) => html`${index === 0 ? '' : ', '}<code>${name}</code>`)}.</span
  >`
}

function contents(document: OpenApiDocument, content: Content): Html[] {
  return Object.entries(content).map(([mediaType, { schema }]) => {
    const value =
      mediaType === 'application/json' ? exampleOf(schema, document.components.schemas) : undefined
    return html`<p><code>${mediaType}</code>${schemaLink(schema)}</p>
      ${
        value === undefined
          ? ''
          : html`<details>
              <summary>Example</summary>
              <pre tabindex="0">${JSON.stringify(value, null, 2)}</pre>
            </details>`
      }`
  })
}

function schemaLink(schema: JsonSchema): Html | string {
  const name = nameOfReference(schema)
  return name === undefined ? '' : html`: <a href="#schema-${name}">${name}</a>`
}

function problems(replies: readonly (readonly [string, ReplyObject])[]): Html | string {
  if (replies.length === 0) return ''
  return html`<details>
    <summary>Problems: ${replies.map(([status]) => status).join(', ')}</summary>
    <dl>
      ${replies.map(
        ([status, { description }]) =>
          html`<dt><span class="status">${status}</span></dt>
            <dd>${inline(description)}</dd>`,
      )}
    </dl>
  </details>`
}
