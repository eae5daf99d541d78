/** What the name of an archive's signature has behind the archive's own: `shop.tar.gz.sigstore.json`, as `slipway sign` writes it. */
export const BUNDLE_SUFFIX = '.sigstore.json'
