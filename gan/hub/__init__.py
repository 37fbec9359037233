"""The Hugging Face Hub: sharing generators and runs there, and taking others' from there with mistrust."""

from gan.hub.environment import import_client

import_client()  # before any module in here does
