"""`python -m gan download`."""

import argparse

from gan.i18n import t

HELP = "fetch a data set into GAN_DATA"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("data", choices=["mnist"], metavar="NAME", help="mnist")


def run(options: argparse.Namespace) -> None:
    """Fetch a data set; torchvision shows its progress on stderr."""
    from gan.data.datasets import data_root
    from gan.data.mnist import download_mnist  # imports torchvision

    download_mnist()
    print(t("{data} is in {folder}", data=options.data, folder=data_root()))
