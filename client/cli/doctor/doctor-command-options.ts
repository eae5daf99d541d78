/** `slipway doctor`'s command line. */
export interface DoctorCommandOptions {
  endpoints?: string
  store?: 'aws' | 'gcs' | 'azure'
  model?: string
  rasaVersion?: string
  slow: number
  publish?: number | true
  json?: true
}
