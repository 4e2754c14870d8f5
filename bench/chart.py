"""Curves as SVG: one panel below the other over a shared logarithmic axis, each panel with its own scale from zero."""
import html
import math

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP, BOTTOM = 720, 180, 84, 24, 44, 40, 48
INK, FAINT, LINE = "#333", "#ddd", "#1f6fb2"


def short(value):
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def steps(largest):
    """Round numbers from zero to beyond the largest, four or five of them."""
    raw = (largest or 1) / 4
    unit = 10 ** math.floor(math.log10(raw))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= raw)
    return [step * index for index in range(math.ceil((largest or 1) / step) + 1)]


def text(x, y, words, anchor="middle", size=12, weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="{INK}">{html.escape(words)}</text>'


def line(x1, y1, x2, y2, colour):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def panel(top, title, xs, across, values):
    """Grid, curve and points of one panel whose upper edge is at `top`."""
    ticks, bottom = steps(1.15 * max(values)), top + PANEL  # room for the labels
    height = {tick: bottom - PANEL * tick / ticks[-1] for tick in ticks}
    parts = [text(LEFT, top - 10, title, "start", 13, "bold")]
    for tick, y in height.items():
        parts += [line(LEFT, y, WIDTH - RIGHT, y, FAINT), text(LEFT - 8, y + 4, short(tick), "end")]
    points = [(across(x), bottom - PANEL * value / ticks[-1]) for x, value in zip(xs, values)]
    parts.append(f'<polyline fill="none" stroke="{LINE}" stroke-width="2" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>')
    for (x, y), value in zip(points, values):
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{LINE}"/>', text(x, y - 8, short(float(f"{value:.3g}")), size=11)]
    return parts + [line(LEFT, bottom, WIDTH - RIGHT, bottom, INK)]


def draw(path, title, x_title, xs, panels):
    """`panels`: pairs of a title and a value for each of `xs`."""
    low, high = math.log10(xs[0]), math.log10(xs[-1])
    inner = WIDTH - LEFT - RIGHT - 40  # so that the labels of the outermost points have room

    def across(x):
        return LEFT + 20 + inner * ((math.log10(x) - low) / (high - low) if high > low else 0.5)

    height = TOP + 28 + len(panels) * (PANEL + GAP) - GAP + BOTTOM
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" role="img">',
             f"<title>{html.escape(title)}</title>", f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
             text(WIDTH / 2, 24, title, size=15, weight="bold")]
    top = TOP + 28
    for name, values in panels:
        parts += panel(top, name, xs, across, values)
        top += PANEL + GAP
    for x in xs:
        parts.append(text(across(x), top - GAP + 18, short(x)))
    parts += [text(WIDTH / 2, height - 10, x_title), "</svg>"]
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")
