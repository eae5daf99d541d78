import { z } from 'zod'

/** `https://slipway.example.com/`: with a slash at its end, to which paths are added. */
export const publicUrl = z.string().transform((text, context) => {
  const url = URL.parse(text)
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  if (isPlain && url.search === '' && url.hash === '') return url.href.replace(/\/*$/, '/')
  context.addIssue('expected an address such as https://slipway.example.com, without query and password')
  return z.NEVER
})
