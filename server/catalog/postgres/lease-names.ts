/** The lease of whoever has the database for itself: `slipway migrate`, or a server of a version before there were several. */
export const SERVER = 'server'
