import type { ComponentChildren } from 'preact'

/** The files that a page loads, by name in `dashboard/assets/`. */
export interface AssetNames {
  readonly script: string
  readonly style: string
}

/** A whole HTML document. @param boot What the script of the page begins with; null: it has none. */
export function Document({
  title,
  root,
  assets,
  boot,
  children,
}: {
  title: string
  root: string
  assets: AssetNames
  boot: string | null
  children: ComponentChildren
}) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" href={`${root}favicon.ico`} type="image/svg+xml" />
        <link rel="stylesheet" href={`${root}dashboard/assets/${assets.style}`} />
        {boot !== null && <script type="module" src={`${root}dashboard/assets/${assets.script}`} />}
      </head>
      <body>
        <div id="page">{children}</div>
        {/* No script: browsers run nothing of this type, and the policy of the page forbids what stands in it. */}
        {boot !== null && (
          <script type="application/json" id="boot" dangerouslySetInnerHTML={{ __html: boot }} />
        )}
      </body>
    </html>
  )
}

/** JSON that may stand in an HTML element: nothing in it can end the element (HTML §4.12.1.3). */
export function bootJson(boot: unknown): string {
  return JSON.stringify(boot).replaceAll('<', String.raw`\u003c`)
}
