/**
 * Which blobs are being sent to somebody, by whichever server: what is being read is not deleted. A read that begins after the
 * question is no reason to wait: a blob is deleted only where no release has named it for a grace period.
 */
export interface ReadsUnderWay {
  /** Whether somebody reads the blob with that digest now. */
  isBeingRead(digest: string): Promise<boolean>
}
