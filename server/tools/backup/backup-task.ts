/** When the servers of a group took their last backup, as a task in the catalog. */
export const BACKUP_TASK = 'backup'
