"""The picture of the layout is the one that the imports give now."""

import subprocess
import sys
from xml.etree import ElementTree

from docs.draw_layout import PICTURE, drawing
from docs.floor_plan import crossings, plan
from docs.wings import HOUSE, WINGS


def test_the_picture_in_docs_is_the_one_the_script_draws_now() -> None:
    stale = "docs/layout.svg is stale: run `python -m docs.draw_layout` and commit it"
    assert PICTURE.read_text() == drawing(), stale


def test_another_process_draws_the_same_bytes() -> None:
    command = [sys.executable, "-c", "from docs.draw_layout import drawing; print(drawing(), end='')"]
    for seed in ("1", "2"):  # sets come in another order
        output = subprocess.run(
            command, cwd=HOUSE, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        assert output.stdout.decode() == drawing()


def test_every_wing_is_in_the_picture_and_above_what_it_imports() -> None:
    titles = {
        text.text for text in ElementTree.fromstring(drawing()).iter("{http://www.w3.org/2000/svg}text")
    }
    assert {f"{wing}/" for wing in WINGS if wing != "ground"} | {"gan/ itself", "ui/", "app.py"} <= titles
    assert all(high.row == low.row + 1 for high, low in plan().arrows)


def test_no_two_boxes_of_a_row_overlap_and_few_arrows_cross() -> None:
    rows, arrows, places, sheet = plan()
    for row in rows:
        for left, right in zip(row, row[1:], strict=False):
            assert places[right] - places[left] >= (left.width + right.width) / 2
        assert 0 < places[row[0]] - row[0].width / 2 and places[row[-1]] + row[-1].width / 2 < sheet.width
    assert crossings(rows, arrows) < len(arrows) / 2
