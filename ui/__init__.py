"""What the pages are made of. Pages ask `gan.control` for runs and pictures; nothing here holds a tensor."""

from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"  # wherever the app is started from
