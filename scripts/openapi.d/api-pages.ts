import { apiEndpoints, type AppDependencies } from '../../server/http/app.ts'
import { describeApi } from '../../server/http/openapi/open-api-document.ts'
import { allOperations } from '../../server/http/openapi/operations.ts'
import { version } from '../../server/config/version.ts'
import { apiReferencePage } from './api-reference-page.ts'
import { commandsPage } from './commands-page.ts'
import { doctorPage } from './doctor-page.ts'
import { problemsPage } from './problems-page.ts'
import { settingsPage } from './settings-page.ts'

/** The pages of docs/ that are made from the code, by file name. */
export async function apiPages(): Promise<Record<string, string>> {
  // Endpoints describe themselves without their dependencies; nothing here calls them.
  const endpoints = apiEndpoints({} as AppDependencies)
  const document = describeApi(allOperations(endpoints), version)
  return {
    'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
    'problems.md': problemsPage(),
    'reference/api.md': apiReferencePage(document),
    'reference/commands.md': await commandsPage(),
    'reference/settings.md': settingsPage(),
    'doctor.md': doctorPage(),
  }
}
