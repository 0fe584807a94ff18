/** How a report looks: on a light page, a dark one, a telephone, and on paper. */

import { toneRules } from '../charts/draw.js';
import { TONES, type ToneName } from '../palette.js';

const variables = (scheme: 'light' | 'dark') =>
  (['ink', 'quiet', 'rule', 'paper', 'blue', 'fault', 'orange'] satisfies ToneName[])
    .map((name) => `--${name}:${TONES[name][scheme]}`)
    .join(';');

export const STYLE = `
:root{color-scheme:light dark;${variables('light')};--raised:#f6f8fa}
${toneRules('light')}
@media screen and (prefers-color-scheme:dark){:root{${variables('dark')};--raised:#1f2329}${toneRules('dark')}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1128px;margin:0 auto;padding:28px 24px 64px}
h1{font-size:30px;line-height:1.2;margin:0 0 4px}
h2{font-size:21px;margin:44px 0 14px;padding-top:14px;border-top:1px solid var(--rule)}
p{max-width:76ch;margin:0 0 12px}
.about,.note,figcaption p,footer{color:var(--quiet)}
dl.facts{display:flex;flex-wrap:wrap;gap:8px 28px;margin:18px 0}
dl.facts div{min-width:0}
dt{color:var(--quiet);font-size:13px}
dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
ul.notices{list-style:none;margin:18px 0;padding:0}
.notices li{padding:8px 14px;margin:0 0 8px;border-left:4px solid var(--orange);background:var(--raised);overflow-wrap:anywhere}
.notices li.bad{border-color:var(--fault)}
.notices b{margin-right:8px}
.notices .bad b{color:var(--fault)}
.pictures{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:36px 24px}
figure{margin:0;min-width:0;break-inside:avoid}
figure.full{grid-column:1/-1}
figcaption h3{font-size:16px;line-height:1.35;margin:0 0 4px}
figcaption p{font-size:13.5px;line-height:1.45;margin:0 0 12px;max-width:90ch}
figure svg{display:block;width:100%;height:auto}
figure .narrow{display:none}
.table{overflow-x:auto;margin:0 0 28px;max-width:100%}
table{border-collapse:collapse;font-size:14.5px;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:0 0 8px}
caption span{margin-right:12px}
caption small{display:block;font-size:13.5px;font-weight:400;color:var(--quiet);max-width:76ch;margin-top:4px}
th,td{padding:4px 14px 4px 0;text-align:right;white-space:nowrap}
th:first-child{text-align:left;font-weight:400;position:sticky;left:0;background:var(--paper)}
thead th,thead th:first-child{font-weight:600;border-bottom:1px solid var(--quiet);vertical-align:bottom}
tbody+tbody tr:first-child>*{border-top:10px solid transparent}
tbody tr:hover>*{background:var(--raised)}
th.part{padding-left:14px}
th[scope=rowgroup]{font-weight:600;padding-top:10px}
button{font:inherit;color:inherit;cursor:pointer}
button.sort{border:0;background:none;padding:0;font-weight:600}
button.sort::after{content:"\\2195";color:var(--quiet);margin-left:4px;font-weight:400}
[aria-sort=ascending] button.sort::after{content:"\\2191";color:var(--ink)}
[aria-sort=descending] button.sort::after{content:"\\2193";color:var(--ink)}
button.copy{font-size:13px;font-weight:400;border:1px solid var(--rule);border-radius:5px;background:var(--raised);padding:1px 10px}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
pre{background:var(--raised);padding:10px 14px;margin:0 0 12px;overflow-x:auto;font:13.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.command{display:flex;gap:10px;align-items:flex-start}
.command pre{flex:1;min-width:0;white-space:pre-wrap;overflow-wrap:anywhere}
details{margin:0 0 10px}
summary{cursor:pointer}
footer{font-size:13.5px;margin-top:44px}
@media (max-width:760px){
main{padding:18px 14px 48px}
h1{font-size:25px}
.pictures{grid-template-columns:minmax(0,1fr)}
}
@media screen and (max-width:560px){figure .wide{display:none}figure .narrow{display:block}}
@media print{
@page{margin:14mm}
body{font-size:10.5pt}
main{max-width:none;padding:0}
button.copy,button.sort::after,nav{display:none}
.pictures{display:block}
figure{margin:0 0 8mm}
figure.half{max-width:150mm}
.table{overflow:visible}
tr,li,.command{break-inside:avoid}
h2,figcaption{break-after:avoid}
pre{white-space:pre-wrap}
details:not([open]){display:none}
}
`.trim();
