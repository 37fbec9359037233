"""How many threads torch may have."""

import pytest

from gan.compute import threads


@pytest.mark.parametrize(
    ("said", "cores"),
    [("1", 1), ("0", 1), ("1,4", 1), (" 1 ", 1)]
    + [(said, None) for said in ("nonsense", "", "9999", "9" * 5000, "-1", "²")],
)
def test_fewer_threads_may_be_asked_for_but_not_more_than_there_are(monkeypatch, said, cores) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    here = threads.cores()
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert threads.cores() == (cores or here)
    assert 1 <= threads.threads_beside_a_browser() <= max(1, here - 1)
