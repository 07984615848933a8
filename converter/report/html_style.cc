#include "converter/report/html_parts.h"

namespace pleat::html {

std::string_view style() {
  return R"css(
:root{--paper:#fbfbfa;--card:#fff;--ink:#1b1e23;--muted:#596270;--line:#e2e5ea;--accent:#1557ad;--soft:#e9f1fb;
--bad:#b3261e;--bad-soft:#fdeeec;color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{--paper:#121417;--card:#1a1d22;--ink:#e8eaee;--muted:#a4adb9;
--line:#2e343d;--accent:#83b6ff;--soft:#1b2a40;--bad:#ff9188;--bad-soft:#3b1f1e}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main,header.page,footer{max-width:1040px;margin:0 auto;padding:0 28px}
header.page{padding-top:56px}
footer{padding-top:24px;padding-bottom:64px;color:var(--muted);font-size:14px}
section{margin-top:64px}
h1{font-size:clamp(28px,5vw,42px);line-height:1.15;letter-spacing:-.02em;font-weight:650;margin:10px 0 14px;
max-width:22em}
h2{font-size:22px;line-height:1.3;letter-spacing:-.01em;font-weight:620;margin:0 0 10px}
h3{font-size:15px;font-weight:620;margin:0 0 6px}
p{margin:0 0 14px;max-width:44em}
.lead{font-size:18px;color:var(--muted)}
.eyebrow{color:var(--muted);font-size:14px;margin:0}
.note{color:var(--muted);font-size:14px}
code,pre,.hash{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.9em}
pre{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;overflow-x:auto;
white-space:pre-wrap;margin:0 0 14px}
sup{line-height:0;font-size:.75em}
.seal{display:inline-flex;align-items:center;gap:8px;font-size:14px;font-weight:620;border-radius:999px;
padding:5px 14px 5px 10px;margin-top:26px;background:var(--soft);color:var(--accent)}
.seal svg{width:18px;height:18px;flex:none}
.seal.bad{background:var(--bad-soft);color:var(--bad)}
.notice{border-left:4px solid var(--accent);background:var(--soft);border-radius:0 10px 10px 0;padding:12px 18px;
margin:0 0 14px}
.notice.bad{border-color:var(--bad);background:var(--bad-soft)}
.notice p{margin:0;max-width:none}
.tiles{display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);border-radius:14px;
overflow:hidden;margin:34px 0 0;padding:0}
.tiles div{background:var(--card);padding:18px 20px;flex:1 1 150px}
.tiles dt{color:var(--muted);font-size:13px;line-height:1.35}
.tiles dd{margin:4px 0 0;font-size:25px;line-height:1.2;font-weight:600;letter-spacing:-.01em;
font-variant-numeric:tabular-nums}
.tiles .over{color:var(--bad)}
.tiles small{display:block;font-size:13px;font-weight:400;color:var(--muted);letter-spacing:0;margin-top:3px}
.two{display:grid;grid-template-columns:1fr 1fr;gap:20px 44px}
.two ul{margin:0;padding-left:20px}
.two li{margin:0 0 8px}
.wide{overflow-x:auto}
.wide+p{margin-top:14px}
table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.45}
caption{text-align:left;color:var(--muted);padding:0 0 8px;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:9px 18px 9px 0;border-bottom:1px solid var(--line);font-weight:400}
thead th{color:var(--muted);font-size:13px;vertical-align:bottom}
tbody th{font-weight:560;min-width:8.5em}
.tight th,.tight td{padding-right:12px}
.tight tbody th{min-width:7.5em}
thead th{overflow-wrap:normal}
tr>:last-child{padding-right:0}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.muted{color:var(--muted);font-weight:400}
.chip{display:inline-block;border-radius:6px;padding:1px 8px;font-size:13px;white-space:nowrap;
border:1px solid var(--line);color:var(--muted);align-self:start}
.chip.yes{background:var(--soft);border-color:transparent;color:var(--accent);font-weight:560}
.chip.no{background:var(--bad-soft);border-color:transparent;color:var(--bad);font-weight:560}
ol.ladder{list-style:none;margin:0;padding:0}
.ladder li{display:grid;grid-template-columns:34px 1fr auto;gap:2px 14px;padding:12px 0;
border-bottom:1px solid var(--line)}
.ladder h3{margin:0}
.ladder .step{grid-row:span 2;width:30px;height:30px;border-radius:50%;display:grid;place-items:center;
font-weight:600;font-size:14px;background:var(--soft);color:var(--accent)}
.ladder .no .step{background:var(--bad-soft);color:var(--bad)}
.ladder .open .step{background:none;border:1px solid var(--line);color:var(--muted)}
.ladder p{grid-column:2/-1;margin:-2px 0 0;font-size:14px;color:var(--muted);max-width:none}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:6px 22px;margin:0;font-size:14px}
.facts dt{color:var(--muted)}
.facts dd{margin:0}
.plot{display:grid;grid-template-columns:minmax(120px,240px) 1fr;font-size:13px;line-height:20px}
.plot>span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;padding-right:14px}
.plot svg{display:block;width:100%;height:20px;overflow:visible}
.legend{display:flex;flex-wrap:wrap;gap:4px 22px;font-size:13px;color:var(--muted);margin:0 0 12px;padding:0;
list-style:none}
.legend svg{width:12px;height:12px;margin-right:6px;vertical-align:-1px;overflow:visible}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--muted)}
.grid{stroke:var(--line)}
.bound{stroke:var(--ink);stroke-width:1.5}
.dot{fill:var(--accent)}
.hollow{fill:var(--paper);stroke:var(--muted);stroke-width:1.5}
.dot.over,.hollow.over{fill:var(--bad);stroke:none}
.bars{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:26px 44px}
.bars svg{display:block;width:100%;height:136px;overflow:visible}
.bars rect{fill:var(--accent)}
figure{margin:0}
figcaption{font-size:14px;margin:0 0 6px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:28px 44px}
.pair svg{display:block;max-width:100%;height:auto}
.box{fill:var(--card);stroke:var(--line)}
.box.layer{fill:var(--soft);stroke:var(--accent)}
.box.norm{fill:var(--card);stroke:var(--accent);stroke-dasharray:5 3}
.box.ghost{fill:var(--paper);stroke:var(--muted);stroke-opacity:.55;stroke-dasharray:3 4}
.box.value{fill:none;stroke:none}
.arrow{fill:none;stroke:var(--muted)}
.tip{fill:var(--muted)}
svg .name{fill:var(--ink);font-weight:560}
svg .ghost-name{fill:var(--muted)}
details{border-bottom:1px solid var(--line)}
summary{cursor:pointer;padding:10px 0;font-size:14px}
summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
details>.wide{padding:6px 0 22px}
details>.pair{padding:10px 0 26px}
.matrix{width:auto;font-size:12px;font-variant-numeric:tabular-nums}
.matrix th,.matrix td{padding:4px 6px;border:1px solid var(--line);text-align:right;min-width:30px}
.matrix tbody th{min-width:0;text-align:left;white-space:nowrap;font-weight:400}
.matrix td{position:relative;background:linear-gradient(rgb(var(--tint)/var(--a,0)),rgb(var(--tint)/var(--a,0)))}
:root{--tint:21 87 173}
@media screen and (prefers-color-scheme:dark){:root{--tint:131 182 255}}
.matrix .moved{outline:2px solid var(--bad);outline-offset:-2px;font-weight:650}
.matrix .zero{color:var(--muted)}
@media (max-width:680px){
main,header.page,footer{padding-left:18px;padding-right:18px}
header.page{padding-top:32px}
section{margin-top:48px}
.two{grid-template-columns:1fr}
.tiles dd{font-size:21px}
.tiles div{padding:14px 16px;flex-basis:42%}
.facts{grid-template-columns:1fr;gap:0}
.facts dd{margin-bottom:8px}
.plot{grid-template-columns:1fr}
.plot>span{padding-top:6px}
.plot>span:empty{display:none}
table.cards,.cards tbody,.cards tr,.cards th,.cards td,.cards caption{display:block;width:100%}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards tr{border:1px solid var(--line);border-radius:10px;background:var(--card);padding:8px 14px;margin-bottom:10px}
.cards th,.cards td{border:0;padding:4px 0;text-align:left;white-space:normal}
.cards td{display:grid;grid-template-columns:minmax(110px,38%) 1fr;gap:10px}
.cards td::before{content:attr(data-label);color:var(--muted)}
.cards td:empty{display:none}
.cards tbody th{min-width:0}
}
@media print{
body{font-size:11pt;background:#fff}
section{margin-top:32px}
tr,li,figure,.tiles div,.pair>figure{break-inside:avoid}
h2,h3,figcaption{break-after:avoid}
details::details-content{content-visibility:visible;display:block}
}
)css";
}

}  // namespace pleat::html
