/** The name of the process of a bot of the fleet: a version-4 UUID in hex that says which bot it is. */
export function fleetProcessName(bot: number): string {
  return `${bot.toString(16).padStart(12, '0')}40008000${'0'.repeat(12)}`
}
