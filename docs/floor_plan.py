"""Where the layout's picture has each wing: its row, its order in the row, its place in pixels.

The usual way to draw layers (Sugiyama and others 1981): rows by the longest way to the ground, few crossings
by sorting each row after its neighbours, places by least squares. Sums are rounded once (`fsum`), so that
every version of Python comes to the same pixel.
"""

from collections import defaultdict
from itertools import combinations, pairwise
from math import fsum
from typing import NamedTuple

from docs.wings import ABOVE, WINGS, WITH_TORCH, imports, modules, wing_of

MARGIN = 24  # pixels
BOX, DETOUR = 192, 8  # widths: of a box, of an arrow that passes a row
GAP = 22  # pixels between two neighbours in a row
SWEEPS = 40  # over the rows, to find the order with the fewest crossings and then the places


class Stop(NamedTuple):
    """A place in a row: a wing's box, or where arrows to a wing of a lower row pass."""

    wing: str
    row: int
    is_box: bool = True

    @property
    def width(self) -> int:
        """Pixels it takes in its row."""
        return BOX if self.is_box else DETOUR


class Sheet(NamedTuple):
    """How wide the picture is and where torch begins, in pixels from the left; and from which row up."""

    width: int
    border: int
    lowest: int


Rows = list[list[Stop]]  # from the ground up
Arrow = tuple[Stop, Stop]  # from one row to the row below
Places = dict[Stop, float]  # the middle of each stop, in pixels from the left


class Plan(NamedTuple):
    """All that the picture needs to know of the layout."""

    rows: Rows
    arrows: list[Arrow]
    places: Places
    sheet: Sheet


def plan() -> Plan:
    """The layout as the code's imports have it now."""
    rows, arrows = stops_and_arrows(wing_imports())
    rows = ordered(rows, arrows)
    sheet = sheet_for(rows)
    return Plan(rows, arrows, placed(rows, arrows, sheet), sheet)


# --- rows and arrows ---------------------------------------------------------------------------------


def wing_imports() -> dict[str, set[str]]:
    """Each wing's imports of other wings, without those that the others among them imply."""
    found: dict[str, set[str]] = {wing: set() for wing in [*WINGS, *ABOVE]}
    for name in modules():
        found[wing_of(name)] |= {wing_of(other) for other in imports(name) & modules().keys()}
    return {
        wing: {other for other in others - {wing} if not _lead_to(other, others - {wing, other}, found)}
        for wing, others in found.items()
    }


def _lead_to(target: str, wings: set[str], found: dict[str, set[str]]) -> bool:
    """Does one of these wings import the target, directly or not?"""
    return any(target in found[wing] or _lead_to(target, found[wing] - {wing}, found) for wing in wings)


def stops_and_arrows(graph: dict[str, set[str]]) -> tuple[Rows, list[Arrow]]:
    """The stops of each row, and the arrows between neighbouring rows. A wing stands one row above the
    highest that it imports; arrows that lead to the same wing from the same side share their stops.
    """
    row_of: dict[str, int] = {}
    stops, arrows = {}, {}  # as ordered sets
    for wing in graph:  # from the ground up, so all that a wing imports has its row
        row = row_of[wing] = 1 + max((row_of[other] for other in graph[wing]), default=-1)
        stops[Stop(wing, row)] = None
        for other in sorted(graph[wing], key=[*WINGS, *ABOVE].index):
            passed = range(row - 1, row_of[other], -1)
            name = f"{side(wing)} {other}"
            way = [Stop(wing, row), *(Stop(name, at, False) for at in passed), Stop(other, row_of[other])]
            stops |= dict.fromkeys(way)
            arrows |= dict.fromkeys(pairwise(way))
    rows = [[stop for stop in stops if stop.row == row] for row in range(1 + max(row_of.values()))]
    return rows, list(arrows)


def side(wing: str) -> str:
    """On which side of the line a wing, or an arrow to it, stands: "app" or "torch"."""
    return "torch" if wing.split()[0] in (*WITH_TORCH, "torch") else "app"


# --- order -------------------------------------------------------------------------------------------


def ordered(rows: Rows, arrows: list[Arrow]) -> Rows:
    """The rows with few crossings: each stop goes to where its neighbours are, up and down the rows."""
    best = rows
    for sweep in range(SWEEPS):
        rows, upward = [list(row) for row in rows], sweep % 2 == 0
        for row in rows if upward else reversed(rows):
            place = {stop: at for each in rows for at, stop in enumerate(each)}
            middle = {stop: _middle(stop, place, arrows, upward) for stop in row}
            row.sort(key=lambda stop, middle=middle: (side(stop.wing) == "torch", middle[stop]))
        if crossings(rows, arrows) < crossings(best, arrows):
            best = rows
    return best


def _middle(stop: Stop, place: dict[Stop, int], arrows: list[Arrow], below: bool) -> float:
    """The mean place of a stop's neighbours in the row below, or above; its own where it has none."""
    near = [low if below else high for high, low in arrows if stop == (high if below else low)]
    return mean([place[other] for other in near]) if near else place[stop]


def crossings(rows: Rows, arrows: list[Arrow]) -> int:
    """How many pairs of arrows cross."""
    place = {stop: at for row in rows for at, stop in enumerate(row)}
    between = defaultdict(list)
    for high, low in arrows:
        between[high.row].append((place[high], place[low]))
    return sum(
        (a[0] - b[0]) * (a[1] - b[1]) < 0 for pairs in between.values() for a, b in combinations(pairs, 2)
    )


# --- places ------------------------------------------------------------------------------------------


def sheet_for(rows: Rows) -> Sheet:
    """A sheet on which every row has room, on either side of the line."""
    lowest = min(stop.row for row in rows for stop in row if stop.wing in WITH_TORCH)
    room = {"app": 0, "torch": 0}
    for row in rows[lowest:]:
        for here in room:
            room[here] = max(room[here], sum(stop.width + GAP for stop in row if side(stop.wing) == here))
    border = MARGIN + room["app"]
    return Sheet(border + room["torch"] + GAP + MARGIN, border, lowest)


def placed(rows: Rows, arrows: list[Arrow], sheet: Sheet) -> Places:
    """Places near their neighbours', in the rows' order."""
    places: Places = {}
    for row in rows:
        places |= _spread(row, {stop: sheet.width * at / len(row) for at, stop in enumerate(row)}, sheet)
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 else reversed(rows):
            places |= _spread(row, {stop: _among_neighbours(stop, places, arrows) for stop in row}, sheet)
    return places


def _among_neighbours(stop: Stop, places: Places, arrows: list[Arrow]) -> float:
    """The mean place of all of a stop's neighbours."""
    return mean([places[low if high == stop else high] for high, low in arrows if stop in (high, low)])


def _spread(row: list[Stop], wanted: Places, sheet: Sheet) -> Places:
    """Places as near as can be to the wanted ones, in that order and without overlap, on either side of the
    line; below the lowest wing with torch there is no line.
    """
    right = sheet.width - MARGIN
    if row[0].row < sheet.lowest:
        return _without_overlap(row, wanted, MARGIN, right)
    app, torch = ([stop for stop in row if side(stop.wing) == here] for here in ("app", "torch"))
    return _without_overlap(app, wanted, MARGIN, sheet.border - GAP) | _without_overlap(
        torch, wanted, sheet.border + GAP, right - GAP
    )


def _without_overlap(stops: list[Stop], wanted: Places, left: float, right: float) -> Places:
    """Those places between `left` and `right`, by least squares: stops that would overlap move as a group."""
    if not stops:
        return {}
    offsets = [0.0]  # of each stop's middle from the first one's, when all touch
    for before, stop in pairwise(stops):
        offsets.append(offsets[-1] + (before.width + stop.width) / 2 + GAP)
    groups: list[list[float]] = []
    for stop, offset in zip(stops, offsets, strict=True):
        groups.append([wanted[stop] - offset])
        while len(groups) > 1 and mean(groups[-2]) > mean(groups[-1]):
            groups[-2:] = [groups[-2] + groups[-1]]
    starts = [mean(group) for group in groups for _ in group]
    first, last = left + stops[0].width / 2, right - stops[-1].width / 2 - offsets[-1]
    return {
        stop: min(max(start, first), last) + offset
        for stop, start, offset in zip(stops, starts, offsets, strict=True)
    }


def mean(values: list[float]) -> float:
    """The mean, rounded once."""
    return fsum(values) / len(values)
