/** The lease of whoever has the database for itself: `slipway migrate`, or a server of a version before there were several. */
export const SERVER = 'server'

/** The lease of the server that does what one does for all. Its holder is the server's id. */
export const HOUSEKEEPER = 'housekeeper'
