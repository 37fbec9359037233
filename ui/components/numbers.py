"""Numbers as people read them."""

from gan.i18n import t


def speed(value: float) -> str:
    """Steps a second."""
    return t("{speed} steps/s", speed=f"{value:,.0f}" if value >= 100 else f"{value:.1f}") if value else "–"


def megabytes(size: int) -> str:
    """A number of bytes."""
    return t("{size} MB", size=f"{size / 1e6:,.1f}")


def size_text(size: int) -> str:
    """A file's size: 12 kB, 3.4 MB."""
    return t("{size} kB", size=f"{max(1, round(size / 1e3)):,}") if size < 1e6 else megabytes(size)


def duration(seconds: float | None) -> str:
    """A time: 41 s, 2 min 40 s, 3 h 5 min."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return t("{hours} h {minutes} min", hours=f"{minutes // 60:,}", minutes=minutes % 60)
    return t("{minutes} min {seconds} s", minutes=minutes, seconds=rest) if minutes else t("{s} s", s=rest)


def two_digits(value: float | None) -> str:
    """A loss, or a dash where there is none yet."""
    return "–" if value is None else f"{value:.2f}"


def percent(value: float | None) -> str:
    """A share of 0 to 1, or a dash where there is none yet."""
    return "–" if value is None else f"{100 * value:.0f} %"
