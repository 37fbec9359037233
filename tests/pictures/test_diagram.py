"""Diagrams of networks."""

from PIL import Image

from gan.pictures.diagram import Layer, Structure, draw, save_picture

LAYERS = (
    Layer(name="Linear", output=(8,), trainable=80, total=80),
    Layer(name="Batch norm", output=(2, 2, 2), trainable=4, total=8),
)
STRUCTURE = Structure(title="Generator", colour="#E8590C", input=(9,), layers=LAYERS)


def test_a_structure_counts_and_prints() -> None:
    assert (STRUCTURE.trainable, STRUCTURE.total) == (84, 88)
    assert "2×2×2" in str(STRUCTURE) and "84 trainable of 88" in str(STRUCTURE)


def test_a_structure_is_drawn_into_a_folder_that_was_not_there(tmp_path) -> None:
    file = save_picture(tmp_path / "new" / "g.png", STRUCTURE, STRUCTURE)
    picture = Image.open(file)
    assert picture.format == "PNG" and picture.width > draw(STRUCTURE).width
    assert (0xE8, 0x59, 0x0C) in {colour for _, colour in picture.convert("RGB").getcolors(1 << 20)}


def test_a_picture_counts_what_is_trained() -> None:
    more = LAYERS[1].model_copy(update={"total": 80_000})  # moving statistics, which no gradient moves
    other = STRUCTURE.model_copy(update={"layers": (LAYERS[0], more)})
    assert draw(STRUCTURE).tobytes() == draw(other).tobytes()
