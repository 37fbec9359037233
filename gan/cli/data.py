"""`python -m gan download`."""

import argparse

from gan.i18n import t


def download(options: argparse.Namespace) -> None:
    """Fetch a data set; torchvision shows its progress on stderr."""
    from gan.data.datasets import data_root
    from gan.data.mnist import download_mnist

    download_mnist()
    print(t("{data} is in {folder}", data=options.data, folder=data_root()))
