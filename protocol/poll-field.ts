/**
 * The header field by which a puller says that it asks once and is gone: `Slipway-Poll: once`. Its request is no poll then. Nobody
 * would hear from it again, and its archive would be loading for as long as it takes to be lost.
 */
export const POLL_FIELD = 'slipway-poll'

/** @see POLL_FIELD */
export const POLLS_ONCE = 'once'
