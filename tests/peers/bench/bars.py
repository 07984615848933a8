"""A bar picture of ratios as SVG text: how many times as long as Pleat each engine takes, model by model."""
from xml.sax.saxutils import escape

COLORS = {'ONNX Runtime': '#4477aa', 'OpenCV': '#ccbb44', 'PyTorch': '#ee6677'}
BAR, GAP, LEFT, WIDTH, TOP = 13, 12, 150, 560, 64


def picture(title, rows, engines):
    """`rows`: (model, {engine: (ratio, low, high)}). Bars end at `cap`; longer ones tell their figure."""
    values = [ratio for _, ratios in rows for ratio, _, _ in ratios.values()]
    cap = min(max(values + [2]) * 1.05, 8)

    def at(ratio):
        return round(LEFT + min(ratio, cap) / cap * WIDTH, 1)

    body, y = [], TOP
    for model, ratios in rows:
        shown = [engine for engine in engines if engine in ratios]
        middle = y + len(shown) * BAR / 2
        body.append(f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(model)}</text>')
        for engine in shown:
            ratio, low, high = ratios[engine]
            color = COLORS.get(engine, '#777777')
            body.append(f'<rect x="{LEFT}" y="{y}" width="{round(at(ratio) - LEFT, 1)}" height="{BAR - 2}" fill="{color}"/>')
            body.append(f'<path d="M{at(low)} {y + BAR / 2 - 1}H{at(high)}" stroke="#222" stroke-opacity=".6"/>')
            body.append(f'<text x="{max(at(ratio), at(high)) + 5}" y="{y + BAR - 3}" class="n">{ratio:.2f}</text>')
            y += BAR
        y += GAP
    ticks = [tick for tick in range(1, int(cap) + 1)]
    lines = [f'<path d="M{at(t)} {TOP - 8}V{y - GAP + 6}" stroke="{"#222" if t == 1 else "#ccc"}"/>'
             f'<text x="{at(t)}" y="{TOP - 12}" text-anchor="middle" class="n">{t}×</text>' for t in ticks]
    legend, x = [], LEFT
    for engine in engines:
        legend.append(f'<rect x="{x}" y="28" width="11" height="11" fill="{COLORS.get(engine, "#777777")}"/>'
                      f'<text x="{x + 16}" y="38">{escape(engine)}</text>')
        x += 32 + 8 * len(engine)
    width, height = LEFT + WIDTH + 60, y + 8
    return '\n'.join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        '<style>text{font:13px sans-serif;fill:#222}.n{font-size:11px}.t{font-weight:bold}</style>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="8" y="18" class="t">{escape(title)}</text>', *legend, *lines, *body, '</svg>', ''])
