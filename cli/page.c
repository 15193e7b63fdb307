/* SPDX-License-Identifier: MIT */
/* What the pages of reports have in common: the frame with its style
 * sheet, figures, keys of colours. */
#include "page.h"

#include <math.h>

static const char style[] =
	":root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--ink:#1c1f26;--dim:#616877;"
	"--grid:#e3e6ea;--a:#2463d1;--b:#c2410c;--bad:#b4232318;--far:#2463d114;--near:#c2410c12;--"
	"lost:#b42323;"
	"--grey:#9aa1ad}"
	"@media(prefers-color-scheme:dark){:root{--page:#14161a;--card:#1d2026;--ink:#e6e8ec;"
	"--dim:#9aa1ad;--grid:#2e333c;--a:#7aa7ff;--b:#ff9a5c;--bad:#ff6b6b22;--far:#7aa7ff1c;--"
	"near:#ff9a5c18;"
	"--lost:#ff7b7b;--grey:#6b7280}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}"
	"main{max-width:1040px;margin:0 auto;padding:28px 20px 60px}"
	"h1{font-size:26px;margin:0 0 4px}h2{font-size:18px;margin:0 0 6px}"
	"h3{font-size:14px;margin:14px 0 2px;font-weight:600}"
	"p{margin:4px 0 8px;color:var(--dim);max-width:75ch}"
	"section{background:var(--card);border-radius:10px;padding:18px 20px;margin:16px 0}"
	".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));gap:12px;"
	"margin:18px 0}"
	".tile{background:var(--card);border-radius:10px;padding:12px 16px;color:var(--dim);"
	"font-size:13px}"
	".tile b{display:block;font-size:26px;font-weight:650;color:var(--ink)}"
	"svg{display:block;width:100%;height:auto;margin:2px 0}"
	"svg text{font:11px system-ui,sans-serif;fill:var(--dim)}"
	".tx{text-anchor:middle}.ty{text-anchor:end}.sum{fill:var(--ink);font-weight:600}"
	"svg .in{text-anchor:middle;fill:#fff}"
	".grid{stroke:var(--grid)}.trouble{fill:var(--bad)}.far{fill:var(--far)}.near{fill:var(--"
	"near)}"
	".line{fill:none;stroke-width:1.5;stroke-linejoin:round}"
	".dots{fill:none;stroke-width:2.4;stroke-linecap:round}"
	".outline{fill:none;stroke-width:1}"
	"path.a{stroke:var(--a)}path.b{stroke:var(--b)}path.packet{stroke:var(--grey)}"
	"path.target{stroke:var(--dim);stroke-dasharray:3 3;stroke-width:1}"
	"path.before{stroke:var(--grey)}path.after{stroke:var(--b)}"
	".lost{fill:var(--lost)}.concealed{fill:var(--grey)}"
	".stage0{fill:#2463d1}.stage1{fill:#0e7490}.stage2{fill:#b42323}.stage3{fill:#7c3aed}"
	".stage4{fill:#047857}.stage5{fill:#6b7280}"
	"i.key{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 5px 0 12px}"
	"i.key:first-child{margin-left:0}"
	"table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
	"td,th{text-align:right;padding:3px 14px 3px 0;border-bottom:1px solid var(--grid)}"
	"td:first-child,th:first-child{text-align:left}"
	"audio{height:32px;vertical-align:middle}"
	".sounds{display:grid;grid-template-columns:max-content 1fr;gap:6px 14px;"
	"align-items:center;margin-top:8px}";

void tp_page_begin(FILE *file, const char *title)
{
	fprintf(file,
		"<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
		"<meta name='viewport' content='width=device-width'>"
		"<title>%s</title><style>%s</style></head><body><main>\n",
		title, style);
}

void tp_page_end(FILE *file)
{
	fputs("</main></body></html>\n", file);
}

void tp_page_text(FILE *file, const char *text)
{
	for (; *text; text++)
		if (*text == '<' || *text == '&')
			fprintf(file, "&#%d;", *text);
		else
			fputc(*text, file);
}

void tp_page_figure(FILE *file, double value, int digits, const char *unit)
{
	if (isfinite(value))
		fprintf(file, "%.*f%s", digits, value, unit);
	else
		fputs("&ndash;", file);
}

void tp_page_tile(FILE *file, double value, int digits, const char *unit, const char *what)
{
	fputs("<div class='tile'><b>", file);
	tp_page_figure(file, value, digits, unit);
	fprintf(file, "</b>%s</div>\n", what);
}

void tp_page_key(FILE *file, const char *colour, const char *text)
{
	fprintf(file, "<i class='key' style='background:%s'></i>%s", colour, text);
}
