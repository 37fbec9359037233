"""The files of a push as a ZIP."""

import io
import zipfile

from gan.hub.bundle import zip_bundle
from tests.hub.pushing import parcel_for


def test_offline_the_same_files_make_a_zip(run) -> None:
    parcel = parcel_for(run, whole=True)
    with zipfile.ZipFile(io.BytesIO(zip_bundle(parcel))) as archive:
        assert {entry.filename: entry.file_size for entry in archive.infolist()} == parcel.sizes()
