"""GAN Workbench: train small GANs live, look into them, keep what they learned."""

import os

__version__ = "0.1.0"

# huggingface_hub reads these when it is imported. A token is sent where a caller gives one, and nowhere else;
# large files go up by the LFS protocol, so that a push is one commit; and it draws no bars of its own.
os.environ["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1"
os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
