/** The style of the HTML report, and the digest by which its content security policy allows it. */
import { createHash } from 'node:crypto';

export const STYLE = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#56606e;--page:#fff;--panel:#f4f6f9;--line:#d5dbe3;--critical:#8f0f2e;--high:#b3261e;--medium:#8a5300;--low:#2f5d8a}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#a7b1bf;--page:#14181f;--panel:#1d232c;--line:#3a4350;--critical:#ff8fa8;--high:#ff9d94;--medium:#f0bd6a;--low:#93c1ee}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.6rem;overflow-wrap:anywhere}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:1px solid var(--line);padding-bottom:.3rem}
h3{display:inline;font-size:1.05rem}p{margin:.3rem 0;overflow-wrap:anywhere}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--panel);padding:.1em .3em;border-radius:.25em;overflow-wrap:anywhere}
li{margin:.6rem 0}.plain,.findings,.counts{list-style:none;padding:0}
.counts{display:flex;flex-wrap:wrap;gap:.8rem}.counts li{margin:0;padding:.3rem .8rem;background:var(--panel);border-radius:.4rem;border-left:.3rem solid currentColor}
.findings li{background:var(--panel);border-left:.3rem solid var(--line);padding:.5rem .8rem;border-radius:.3rem}
.findings li.critical{border-color:var(--critical)}.findings li.high{border-color:var(--high)}.findings li.medium{border-color:var(--medium)}.findings li.low{border-color:var(--low)}
.counts .critical,.badge.critical{color:var(--critical)}.counts .high,.badge.high{color:var(--high)}.counts .medium,.badge.medium{color:var(--medium)}.counts .low,.badge.low{color:var(--low)}
.badge{border:1px solid currentColor;border-radius:1em;padding:0 .5em;font-size:.8em}
.muted,.help{color:var(--soft)}.incomplete{font-weight:600;color:var(--high)}
summary{cursor:pointer;margin:.8rem 0}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
@media print{details>*{display:block}}
`;

export const STYLE_DIGEST: string = createHash('sha256').update(STYLE).digest('base64');
