import { PROBLEM_ADVICE } from '../../../protocol/problem-advice.ts'
import { PROBLEMS, type ProblemCode } from '../../../protocol/problem-table.ts'
import type { OpenApiDocument, OperationObject } from '../openapi/document-objects.ts'
import { MARK } from './favicon.ts'
import { Html, html, inline, prose } from './html.ts'
import { operationArticle } from './operation-article.ts'
import { pageOf } from './page.ts'
import { schemaFields } from './schema-fields.ts'
import type { Page } from './send-page.ts'

/** An operation with its address. */
interface Addressed {
  method: string
  path: string
  operation: OperationObject
}

/** What belongs together, under a heading. */
interface Section {
  name: string
  operations: readonly Addressed[]
}

/** The OpenAPI document as a page for people. */
export function apiPage(document: OpenApiDocument): Page {
  const { info, tags } = document
  const sections = tags.map((tag) => ({ ...tag, operations: operationsOf(document, tag.name) }))
  const body = html`<a class="skip" href="#content">Skip to the content</a>
    ${PAGE_BAR}
    <div class="api">
      ${contents(info.title, info.version, sections)}
      <main class="content" id="content" tabindex="-1">
        <h1>The API of ${info.title}</h1>
        ${prose(info.description)}
        <p>The same for programs: <a href="openapi.json">openapi.json</a>.</p>
        <p>
          The commands of curl expect the address of the server in <code>SLIPWAY_URL</code>, and a token,
          where it needs one, in <code>SLIPWAY_TOKEN</code>.
        </p>
        ${sections.map(
          ({ name, description, operations }) =>
            html`<section>
              <h2 id="${anchorOf(name)}">${name}</h2>
              <p>${inline(description)}</p>
              ${operations.map((one) => operationArticle(document, one))}
            </section> `,
        )}
        ${tokens(document)} ${schemas(document)} ${problems()}
      </main>
    </div>`
  return pageOf(`The API of ${info.title}`, body)
}

/** The bar of the dashboard, which knows nothing of this page; addresses are relative, as there. */
const PAGE_BAR = html`<header class="bar">
  <a class="brand" href="./">${new Html(MARK)} Slipway</a>
  <nav aria-label="Pages">
    <a href="./">Overview</a>
    <a href="dashboard/models">Models</a>
    <a href="dashboard/bots">Bots</a>
    <a href="dashboard/rollouts">Rollouts</a>
    <a href="docs" aria-current="page">API</a>
  </nav>
</header>`

function contents(title: string, version: string, sections: readonly Section[]): Html {
  return html`<nav class="menu" aria-label="Contents">
    <details>
      <summary><strong>${title} ${version}: contents</strong></summary>
      ${sections.map(
        ({ name, operations }) =>
          html`<strong>${name}</strong>
            <ul>
              ${operations.map(({ operation }) => html`<li><a href="#${operation.operationId}">${operation.summary}</a></li>`)}
            </ul> `,
      )}
      <strong>Reference</strong>
      <ul>
        <li><a href="#tokens">Tokens</a></li>
        <li><a href="#schemas">Schemas</a></li>
        <li><a href="#problems">Problems</a></li>
      </ul>
    </details>
  </nav>`
}

function operationsOf({ paths }: OpenApiDocument, section: string): Addressed[] {
  return Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
    )
    .filter(({ operation }) => operation.tags.includes(section))
}

function anchorOf(name: string): string {
  return `section-${name.toLowerCase().replaceAll(' ', '-')}`
}

function tokens({ components }: OpenApiDocument): Html {
  const schemes = Object.entries(components.securitySchemes)
  return html`<section>
    <h2 id="tokens">Tokens</h2>
    <dl>
      ${schemes.map(
        ([name, scheme]) =>
          html`<dt><code>${name}</code></dt>
            <dd>${inline((scheme as { description: string }).description)}</dd>`,
      )}
    </dl>
  </section>`
}

function schemas({ components }: OpenApiDocument): Html {
  return html`<section>
    <h2 id="schemas">Schemas</h2>
    ${Object.entries(components.schemas).map(
      ([name, schema]) =>
        html`<article class="operation" id="schema-${name}">
          <h3>${name}</h3>
          <p>${inline(schema.description ?? '')}</p>
          <details>
            <summary>Fields</summary>
            ${schemaFields(schema)}
          </details>
        </article> `,
    )}
  </section>`
}

function problems(): Html {
  return html`<section>
    <h2 id="problems">Problems</h2>
    <p>Every refusal and failure has one of these codes. They are never renamed.</p>
    <dl>
      ${(Object.keys(PROBLEMS) as ProblemCode[]).map(
        (code) =>
          html`<dt><span class="status">${PROBLEMS[code].status}</span> <code>${code}</code></dt>
            <dd>${PROBLEMS[code].title}. ${inline(PROBLEM_ADVICE[code])}</dd>`,
      )}
    </dl>
  </section>`
}
