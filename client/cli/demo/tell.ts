/** Told one line of what happens, as it happens. */
export type Tell = (text: string) => void
