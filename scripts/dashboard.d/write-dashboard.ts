import { buildDashboard } from './build-dashboard.ts'

// Called by scripts/set-up.bash where sources are newer than what was built.
await buildDashboard()
