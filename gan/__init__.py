"""GAN Workbench: train a GAN in front of your eyes, look into it, keep its weights."""

__version__ = "0.1.0"
