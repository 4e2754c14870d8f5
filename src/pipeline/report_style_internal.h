// report_style_internal.h: how the page of a run looks: on a light or dark screen, narrow or wide, and on paper.
#pragma once

#include <string_view>

namespace imednet::pipeline {

inline constexpr std::string_view kReportStyle = R"(
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1c2430; --quiet: #566273; --line: #d9dfe7; --tile: #f4f6f9; --accent: #2f6fb5;
  --good: #1a7346; --good-tile: #e5f4ec; --bad: #b3261e; --bad-tile: #fbe9e7; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #12161c; --ink: #e6eaf0; --quiet: #a3afbf; --line: #313a46; --tile: #1b2129; --accent: #6ea8e6;
    --good: #6fd3a0; --good-tile: #15301f; --bad: #ff9a90; --bad-tile: #3a1a18; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 3rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
p { margin: .4rem 0; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.verdict { display: inline-block; margin: .8rem 0 .2rem; padding: .35rem .8rem; border-radius: .4rem; font-weight: 600; }
.good { color: var(--good); } .verdict.good { background: var(--good-tile); }
.bad { color: var(--bad); } .verdict.bad, .failure { background: var(--bad-tile); }
.failure { padding: .8rem 1rem; border-radius: .4rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: .6rem; margin: 1rem 0; }
dl div { background: var(--tile); border-radius: .4rem; padding: .5rem .75rem; }
dt { color: var(--quiet); font-size: .85rem; }
dd { margin: 0; font-size: 1.15rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
caption { text-align: left; color: var(--quiet); padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
thead th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; min-width: 9rem; }
td small { display: block; color: var(--quiet); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.path { font: .82rem/1.4 ui-monospace, "DejaVu Sans Mono", "Liberation Mono", monospace; word-break: break-all; }
.chart { display: block; width: 100%; max-width: 48rem; height: auto; margin: .8rem 0; font-size: 13px; }
.chart .bar { fill: var(--accent); } .chart .label { fill: var(--ink); } .chart .value { fill: var(--quiet); }
pre { background: var(--tile); border-radius: .4rem; padding: .7rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
footer { margin-top: 2.5rem; color: var(--quiet); font-size: .85rem; }
@media print {
  :root { --paper: #ffffff; --ink: #000000; --quiet: #444444; --line: #bbbbbb; --tile: #f4f4f4; --accent: #2f6fb5; --good: #14572f;
    --good-tile: #ffffff; --bad: #8c1d18; --bad-tile: #ffffff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, tr, .chart g { break-inside: avoid; } h2 { break-after: avoid; } .scroll { overflow: visible; }
  .verdict, .failure, dl div { border: 1px solid var(--line); } .bar { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)";

}  // namespace imednet::pipeline
