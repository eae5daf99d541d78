/** The version numbers of Python packages (PEP 440), as `packaging.version.parse` takes them. */
const VERSION =
  /^v?(\d+!)?\d+(\.\d+)*([-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?\d*)?(-\d+|[-_.]?(post|rev|r)[-_.]?\d*)?([-_.]?dev[-_.]?\d*)?(\+[a-z\d]+([-_.][a-z\d]+)*)?$/i

/** Whether Rasa can compare this version with its own; it loads no archive where it cannot. */
export function isRasaVersion(text: string): boolean {
  return VERSION.test(text.trim())
}
