"""Looking into a generator: latents, directions, the latent of a picture."""
