/**
 * ReportStyle: the page's style sheet. Series colours are told apart by people with any colour vision (after Okabe and
 * Ito, "Color Universal Design", 2008), with 3 : 1 contrast or more against their ground; names stand beside them.
 */
const series = ["model", "ema", "fold", "blend", "tuned", "still", "near", "popular", "fading", "random"] as const;

const palette = {
  light: `--ground:#f7f7f4;--card:#fff;--ink:#1b1d21;--soft:#5d626b;--line:#e2e2dc;--grid:#ecece7;
--model:#0067ad;--ema:#008563;--fold:#a8478a;--popular:#c8560b;--random:#84868b;
--blend:#b8252f;--tuned:#1b1d21;--still:#8f5a50;--near:#7a6a00;--fading:#6a5acd;`,
  dark: `--ground:#141517;--card:#1d1f22;--ink:#eceded;--soft:#a2a6ad;--line:#33363b;--grid:#2a2d31;
--model:#57aef0;--ema:#35c79a;--fold:#dd8cc4;--popular:#f2924a;--random:#92959b;
--blend:#ff7b7b;--tuned:#eceded;--still:#c79a8f;--near:#cbb843;--fading:#a79bf5;`,
};

const seriesRules = series
  .map(
    (c) =>
      `.fill-${c}{fill:var(--${c})}.stroke-${c}{stroke:var(--${c})}.text-${c}{fill:var(--${c})!important}.back-${c}{background:var(--${c})}`,
  )
  .join("");

export const styleSheet = `:root{${palette.light}}
@media (prefers-color-scheme:dark){:root{${palette.dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-font-smoothing:antialiased}
main{max-width:1080px;margin:0 auto;padding:48px 28px 40px}
header p{color:var(--soft);max-width:84ch;margin:0}
header .gain{color:var(--ink);font-variant-numeric:tabular-nums;margin-bottom:14px}
header .warning{color:var(--ink);border-left:3px solid var(--popular);padding-left:12px;margin-top:12px}
.brand{font-weight:650;letter-spacing:.01em;color:var(--ink)}.brand span{color:var(--soft);font-weight:400}
h1{font-size:32px;line-height:1.2;letter-spacing:-.02em;font-weight:680;margin:10px 0 12px;text-wrap:balance}
h2{font-size:22px;letter-spacing:-.01em;margin:0 0 4px}
section{margin-top:52px}section>p{color:var(--soft);margin:0 0 18px;max-width:84ch}
section>.after{margin-top:22px}.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));gap:16px;margin-top:30px}
.tile,figure,.scroll,dl{background:var(--card);border:1px solid var(--line);border-radius:12px}
.tile{padding:18px 20px 16px}.tile b{font-size:36px;line-height:1.15;letter-spacing:-.025em;font-weight:680;font-variant-numeric:tabular-nums}
.tile p{margin:4px 0 0}.tile small{color:var(--soft);font-size:13px;font-variant-numeric:tabular-nums}
.three,.two{display:grid;gap:16px}.three{grid-template-columns:repeat(auto-fit,minmax(270px,1fr))}.two{grid-template-columns:repeat(auto-fit,minmax(min(100%,360px),1fr))}
figure{margin:0 0 16px;padding:18px 22px 16px}.three figure,.two figure{margin:0}.three,.two{margin-bottom:16px}
figcaption{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline;margin-bottom:12px}figcaption span{color:var(--soft);font-size:13px}
svg{display:block;width:100%;height:auto;overflow:visible}.three svg{max-width:330px}.two svg{max-width:450px}
.wide{overflow-x:auto}.wide svg{min-width:760px}
.three figcaption,.two figcaption{display:block}.three figcaption span,.two figcaption span{display:block}
text{font-size:13px;fill:var(--ink);font-variant-numeric:tabular-nums}
.value{font-weight:600}.small{font-size:11.5px;font-weight:500}.tick{fill:var(--soft);font-size:12px}
.grid{stroke:var(--grid)}.axis{stroke:var(--soft);stroke-opacity:.6}
.whisker{fill:none;stroke:var(--ink);stroke-opacity:.55;stroke-width:1.25}
.line{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}.dot{stroke:var(--card);stroke-width:1.5}
.narrow{display:none}.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;margin:0 0 8px;padding:0;font-size:13px}.legend i{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:7px;vertical-align:-1px}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:9px 9px;text-align:right;white-space:nowrap;font-weight:400}th:first-child{text-align:left;padding-left:22px}td:last-child,thead th:last-child{padding-right:22px}
thead th{color:var(--soft);font-size:13px;white-space:normal;vertical-align:bottom}th:first-child{position:sticky;left:0;background:var(--card)}tbody th{font-weight:550}tbody tr{border-top:1px solid var(--line)}
code{font-size:.93em}.fine{font-size:13px;margin:12px 0 0!important}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:0 36px;margin:14px 0 0;padding:12px 22px}
dl div{display:flex;justify-content:space-between;gap:16px;padding:6px 0}dt{color:var(--soft)}dd{margin:0;font-variant-numeric:tabular-nums}
footer{margin-top:40px;color:var(--soft);font-size:13px}
@media (max-width:860px){.narrow{display:block}}
@media (max-width:560px){main{padding:28px 16px}h1{font-size:27px}th,td{padding:9px 10px}th:first-child{padding-left:14px}}
@media print{body{background:#fff}figure,.tile,.scroll,dl{break-inside:avoid}}
${seriesRules}`;
