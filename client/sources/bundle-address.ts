/**
 * Where a Slipway server has the signature of a release.
 *
 * @param model The address that the model is pulled from: `…/models/shop@production`.
 * @returns undefined where that is no address of a Slipway server's model.
 */
export function bundleAddress(model: URL, release: number): URL | undefined {
  const [, before, name] = /^(.*\/)models\/([^/@]+)(?:@[^/@]+)?$/.exec(model.pathname) ?? []
  if (before === undefined || name === undefined) return undefined
  const address = new URL(`${before}api/v1/models/${name}/releases/${release}/bundle`, model)
  // A token in the query opens the archive: it opens its signature too.
  const token = model.searchParams.get('token')
  if (token !== null) address.searchParams.set('token', token)
  return address
}
