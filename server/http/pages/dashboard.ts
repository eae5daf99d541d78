/** One file that pages load: a script, a style sheet, a picture. Its name changes with its bytes. */
export interface Asset {
  readonly type: string
  readonly bytes: Buffer
  /** The same, compressed with gzip. */
  readonly gzipped: Buffer
}

/** An answer with the entity tag that a change of it names. */
interface Tagged<Body> {
  readonly body: Body
  readonly entityTag: string | null
}

/** How a page reads from the API, as the one who looks at it may. Rejects with an error of `ApiProblem`. */
export interface PageApi {
  get<Body>(path: string): Promise<Body>
  getTagged<Body>(path: string): Promise<Tagged<Body>>
  ask<Body>(path: string, question: Readonly<Record<string, unknown>>): Promise<Body>
}

/** What a page is drawn from. */
export interface PageRequest {
  /** Below the server's root, without a query: `dashboard/bots`; empty for the overview. */
  readonly path: string
  /** The address of the server's root as far as it is known here, with a slash at its end; a browser knows better. */
  readonly server: string
  readonly query: Readonly<Record<string, string>>
  readonly viewer: {
    readonly name: string
    readonly may: readonly string[]
    readonly maySomewhere: readonly string[]
    readonly isSignedIn: boolean
  }
  readonly mayAt: (target: { model: string; tag?: string | undefined }) => readonly string[]
  readonly version: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly assets: { readonly script: string; readonly style: string }
  readonly api: PageApi
}

/**
 * What draws the pages: built from `dashboard/`, which knows nothing of the server (scripts/dashboard.d). What is exchanged
 * is described here a second time; test/http/pages holds the two together.
 */
export interface Dashboard {
  renderPage(request: PageRequest): Promise<{ status: number; html: string }>
  renderSignIn(
    request: Omit<PageRequest, 'api' | 'viewer' | 'mayAt'>,
    form: { next: string; refused: string | null },
  ): string
  /** The error that {@link PageApi} rejects with. */
  ApiProblem: new (status: number, problem: { code: string; title: string; detail?: string }) => Error
  readonly assetNames: PageRequest['assets']
  readonly assets: ReadonlyMap<string, Asset>
}
