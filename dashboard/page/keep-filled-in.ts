type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

/**
 * Has a page wake without losing what was filled in while its script was on its way, by its reader or by the browser after
 * "Back". Forms know what an event tells them, and no event was heard so far; text of several lines is even set to what the
 * server drew (Preact sets the value of a `textarea` when it hydrates).
 *
 * @param wake Hydrates what is in the element.
 */
export function keepFilledIn(element: Element, wake: () => void): void {
  const filled = [...element.querySelectorAll<Control>('input, textarea, select')]
    .filter(isFilledIn)
    .map((control) => ({ control, value: control.value }))
  wake()
  for (const { control, value } of filled) {
    // Also a file has a value, which only the browser may set; it is the same still.
    if (control.value !== value) control.value = value
    for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, { bubbles: true }))
  }
}

/** Whether a control says something else than the server had it say. */
function isFilledIn(control: Control): boolean {
  if (control instanceof HTMLSelectElement) {
    return [...control.options].some((option) => option.selected !== option.defaultSelected)
  }
  if (control instanceof HTMLInputElement && control.checked !== control.defaultChecked) return true
  return control.value !== control.defaultValue
}
