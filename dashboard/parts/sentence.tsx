/** A word with letters that are written from the right: Hebrew, Arabic and their relatives (Unicode, blocks U+0590 to U+08FF). */
const FROM_THE_RIGHT = /([^\s,;:()]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc][^\s,;:()]*)/

/**
 * A sentence that may hold names of bots and words of people. Those that are written from the right stand for themselves:
 * otherwise the number behind such a name would move before it (Unicode Standard Annex 9).
 */
export function Sentence({ text }: { text: string }) {
  return (
    <>
      {text
        .split(FROM_THE_RIGHT)
        .map((part, index) => (index % 2 === 0 ? part : <bdi key={index}>{part}</bdi>))}
    </>
  )
}
