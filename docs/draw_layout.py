"""Draws the layout from the imports into docs/layout.svg: `python -m docs.draw_layout`.

Wings are boxes, each above all that it imports, with the names of what lies in them. An arrow that others
imply is left out: who imports `runs` stands on what `runs` imports, too. No font is measured: the same code
gives the same bytes everywhere.
"""

from html import escape
from textwrap import wrap

from docs.floor_plan import BOX, GAP, MARGIN, Arrow, Plan, Rows, Sheet, Stop, plan, side
from docs.wings import ABOVE, HOUSE, WITH_TORCH, loads_torch, modules, wing_of

PICTURE = HOUSE / "docs" / "layout.svg"
BETWEEN = 46  # pixels between two rows
LINE, HEAD = 16, 34  # heights: of a line of names, of a box without any
LETTERS = 30  # of a line of names in a box
FILL = "~~"  # what a name takes in its line beside itself
TITLES = {"ground": "gan/ itself", "app": "app.py"}  # of all others: the name and a slash
LEGEND = [
    "An arrow means: imports. What other arrows imply is left out.",
    "The app never reaches torch; modules in orange load it.",
]
STYLE = """<style>
  text { font: 11.5px -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; fill: #5C636A }
  .title { font-size: 15px; font-weight: 600; fill: #212529 }
  .side { font-size: 13px }
  .heavy { fill: #D9480F }
  .ground { fill: #FFFFFF }
  .box { fill: #F4F5F7; stroke: #CED4DA }
  .box.above { fill: #F3F0FF; stroke: #B197FC }
  .box.torch { fill: #FFF4E6; stroke: #FFC078 }
  .line { fill: #E8590C; fill-opacity: 0.04; stroke: #E8590C; stroke-dasharray: 6 5 }
  .arrow { fill: none; stroke-width: 1.4 }
  .arrow.app { stroke: #748296 }
  .arrow.torch { stroke: #E8803C }
  marker .app { fill: #748296 }
  marker .torch { fill: #E8803C }
  @media (prefers-color-scheme: dark) {
    text { fill: #ADB5BD }
    .title { fill: #E9ECEF }
    .heavy { fill: #FF922B }
    .ground { fill: #16181D }
    .box { fill: #22252B; stroke: #495057 }
    .box.above { fill: #2A2540; stroke: #7048E8 }
    .box.torch { fill: #33261B; stroke: #A85B1B }
    .line { fill-opacity: 0.07 }
  }
</style>"""
HEADS = "\n".join(
    f'<marker id="{here}" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    f'<path class="{here}" d="M0 0L8 4L0 8z"/></marker>'
    for here in ("app", "torch")
)


def drawing() -> str:
    """The picture, as SVG."""
    layout = plan()
    top = tops(layout.rows)
    width, height = layout.sheet.width, top[0] + height_of("ground") + MARGIN
    boxes = [stop for row in layout.rows for stop in row if stop.is_box]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        "<title>The wings of the program, each above what it imports; torch begins at the line</title>",
        *(STYLE, HEADS),
        f'<rect class="ground" width="{width}" height="{height}"/>',
        *_line(boxes, top, layout.sheet),
        *_legend(),
        *_arrows(layout, top),
        *(_box(stop.wing, layout.places[stop], top[stop.row], layout.sheet) for stop in boxes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def tops(rows: Rows) -> list[int]:
    """Where each row begins, in pixels from the top."""
    found, at = [0] * len(rows), 2 * MARGIN + 18 * len(LEGEND)
    for number in reversed(range(len(rows))):
        found[number] = at
        at += max(height_of(stop.wing) for stop in rows[number] if stop.is_box) + BETWEEN
    return found


def height_of(wing: str) -> int:
    """The height of a wing's box, in pixels."""
    return HEAD + LINE * len(_lines(wing))


def _lines(wing: str) -> list[str]:
    """The names of what lies in a wing, in lines, each name as a word."""
    names = [f"{name}{FILL}" for name in names_in(wing)]
    lines = wrap(" ".join(names), LETTERS if wing != "ground" else 10 * LETTERS, break_long_words=False)
    return [line.replace(FILL, "") for line in lines]


def names_in(wing: str) -> list[str]:
    """The names of a wing's modules, or of its folders."""
    depth = 1 if wing in ("ground", *ABOVE) else 2
    inside = [name.split(".") for name in modules() if wing_of(name) == wing]
    return sorted({parts[depth] for parts in inside if len(parts) > depth})


def _box(wing: str, middle: float, top: int, sheet: Sheet) -> str:
    """A wing with its title and names. The ground reaches from side to side."""
    width = BOX if wing != "ground" else sheet.width - 2 * MARGIN
    left = middle - width / 2 if wing != "ground" else MARGIN
    kind = "torch" if wing in WITH_TORCH else "above" if wing in ABOVE else "shared"
    frame = f'x="{left:.0f}" y="{top}" width="{width}" height="{height_of(wing)}"'
    texts = [f'<text class="title" x="{left + 12:.0f}" y="{top + 22}">{TITLES.get(wing, f"{wing}/")}</text>']
    for number, line in enumerate(_lines(wing)):
        names = " · ".join(_name(wing, name) for name in line.split())
        texts.append(f'<text x="{left + 12:.0f}" y="{top + 40 + LINE * number}">{names}</text>')
    return "\n".join([f'<rect class="box {kind}" rx="7" {frame}/>', *texts])


def _name(wing: str, part: str) -> str:
    """A name, marked where it is a module that loads torch."""
    module = f"gan.{wing}.{part}"
    heavy = module in modules() and loads_torch(module)
    return f'<tspan class="heavy">{escape(part)}</tspan>' if heavy else escape(part)


def _line(boxes: list[Stop], top: list[int], sheet: Sheet) -> list[str]:
    """The line where torch begins, around all that stands there."""
    inside = [stop for stop in boxes if stop.wing in WITH_TORCH]
    begin = min(top[stop.row] for stop in inside) - HEAD
    height = max(top[stop.row] + height_of(stop.wing) for stop in inside) + GAP // 2 - begin
    frame = f'x="{sheet.border}" y="{begin}" width="{sheet.width - sheet.border - MARGIN}" height="{height}"'
    where = f'x="{sheet.border + GAP}" y="{begin + 22}"'
    return [
        f'<rect class="line" rx="10" {frame}/>',
        f'<text class="side heavy" {where}>Torch begins here: workers, the command line</text>',
    ]


def _legend() -> list[str]:
    return [
        f'<text class="side" x="{MARGIN}" y="{MARGIN + 10 + 18 * number}">{line}</text>'
        for number, line in enumerate(LEGEND)
    ]


def _arrows(layout: Plan, top: list[int]) -> list[str]:
    """Every arrow between two neighbouring rows, as a curve; its head where it meets a box."""
    curves = []
    for high, low in layout.arrows:
        x, y = _port(high, low, layout), top[high.row] + _depth(high, layout.rows)
        to_x, to_y = _port(low, high, layout), top[low.row] - (6 if low.is_box else 0)
        bend = 0.6 * (to_y - y)
        curve = f"M{x:.0f} {y}C{x:.0f} {y + bend:.0f} {to_x:.0f} {to_y - bend:.0f} {to_x:.0f} {to_y}"
        end = f'" marker-end="url(#{side(high.wing)})' if low.is_box else f"v{_depth(low, layout.rows)}"
        curves.append(f'<path class="arrow {side(high.wing)}" d="{curve}{end}"/>')
    return curves


def _depth(stop: Stop, rows: Rows) -> int:
    """How far a stop reaches down in its row: a box has its height, an arrow passes the whole row."""
    boxes = [stop] if stop.is_box else [other for other in rows[stop.row] if other.is_box]
    return max(height_of(box.wing) for box in boxes)


def _port(stop: Stop, other: Stop, layout: Plan) -> float:
    """Where the arrow between two stops meets the first: side by side with those to the others there."""
    if not stop.is_box:
        return layout.places[stop]
    if stop.wing == "ground":
        return layout.places[other]
    ends = [end for arrow in layout.arrows if stop in arrow for end in _others(arrow, stop, other.row)]
    ends.sort(key=lambda end: (layout.places[end], end.wing))
    return layout.places[stop] + 0.7 * BOX * ((ends.index(other) + 0.5) / len(ends) - 0.5)


def _others(arrow: Arrow, stop: Stop, row: int) -> list[Stop]:
    """An arrow's end that is not `stop`, if it lies in that row."""
    return [end for end in arrow if end != stop and end.row == row]


def main() -> None:
    """Write the picture."""
    PICTURE.write_text(drawing())


if __name__ == "__main__":
    main()
