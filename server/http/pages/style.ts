import { Html } from './html.ts'

/** The style sheet of all pages: what the system's own fonts and colours can do, light and dark, from a phone up. */
export const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --ink: light-dark(#18242c, #e3eaef);
  --faint: light-dark(#51626d, #a3b3be);
  --line: light-dark(#d8e0e5, #2c3a44);
  --paper: light-dark(#ffffff, #141c22);
  --tint: light-dark(#f4f7f8, #0d1317);
  --link: light-dark(#0f5c74, #7cc7de);
  --get: light-dark(#0b6b3a, #6fd39b);
  --change: light-dark(#8a4b00, #f0b463);
  --delete: light-dark(#a4262c, #ff9a94);
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 1rem/1.55 system-ui, sans-serif; }
a { color: var(--link); }
code, pre { font: .875em/1.5 ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; }
p { margin: .6rem 0; max-width: 46rem; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
h2 { margin: 3rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
h4 { margin: 1.2rem 0 .4rem; font-size: .9rem; }
pre { margin: .4rem 0; padding: .8rem 1rem; overflow-x: auto; background: var(--tint); border: 1px solid var(--line); border-radius: .4rem; }
summary { cursor: pointer; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--paper); z-index: 1; }
.bar { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; padding: .6rem clamp(1rem, 3vw, 2.5rem); border-bottom: 1px solid var(--line); }
.bar a { padding: .3rem .6rem; border-radius: .5rem; color: var(--faint); text-decoration: none; }
.bar a:hover { color: var(--ink); background: var(--tint); }
.bar nav { display: flex; flex-wrap: wrap; }
.bar .brand { display: inline-flex; align-items: center; gap: .5rem; padding-left: 0; font-weight: 650; color: var(--ink); }
.bar svg { width: 1.6rem; height: 1.6rem; }
.bar [aria-current] { font-weight: 600; color: var(--ink); background: var(--tint); }
.sheet { max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem; }
.menu { padding: 1rem 1.25rem; background: var(--tint); border-bottom: 1px solid var(--line); }
.menu ul { list-style: none; margin: .2rem 0 .8rem; padding: 0; }
.menu li a { display: block; padding: .15rem 0; text-decoration: none; }
.menu li a:hover, .menu li a:focus { text-decoration: underline; }
.menu strong { font-size: .85rem; color: var(--faint); }
.content { padding: 1rem 1.25rem 4rem; min-width: 0; }
.faint { color: var(--faint); }
.operation { margin: 1.2rem 0; padding: 1rem 1.1rem; border: 1px solid var(--line); border-radius: .5rem; }
.operation > p:first-of-type { margin-top: .3rem; }
.method { display: inline-block; min-width: 3.6rem; margin-right: .4rem; font-size: .8rem; letter-spacing: .03em; color: var(--change); }
.method.get, .method.head { color: var(--get); }
.method.delete { color: var(--delete); }
dl { margin: .4rem 0; display: grid; grid-template-columns: 1fr; }
dt { padding-top: .5rem; }
dd { margin: 0 0 .5rem; }
dt .faint { font-size: .85rem; }
.status { display: inline-block; min-width: 2.4rem; font-weight: 600; }
@media (min-width: 60rem) {
  .menu details::details-content { content-visibility: visible; block-size: auto; }
  .menu summary { list-style: none; pointer-events: none; }
  .api { display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
  .menu { position: sticky; top: 0; height: 100vh; overflow-y: auto; border: 0; border-right: 1px solid var(--line); }
  .content { padding: 1.5rem 3rem 6rem; max-width: 66rem; }
  dl { grid-template-columns: 15rem minmax(0, 1fr); }
  dt, dd { padding: .45rem 0; margin: 0; border-top: 1px solid var(--line); }
  dt { padding-right: 1rem; }
}
`)
