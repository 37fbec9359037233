"""The recipes of the posts, exactly as their posts give them."""

from gan.recipes.recipe import Recipe

POSTS = (
    Recipe(
        name="mlp",
        title="MLP",
        purpose="Two small fully connected networks: digits in a minute.",
        source="PyTorch post of 2023-09-07",
        nets="mlp",
        hidden=(128, 256),
        d_scale=0.5,
        g_rate=2e-4,
        d_rate=2e-4,
        epochs=100,
    ),
    Recipe(
        name="mlp-g-first",
        title="MLP, G first",
        purpose="The forger moves before the police, who then see new fakes.",
        source="course note of 2025-05-12; sizes, rates and batch are ours",
        nets="mlp",
        hidden=(128, 256),
        g_activation="relu",
        order="gd",
        d_scale=0.5,
        d_latents="fresh",
        g_rate=2e-4,
        d_rate=2e-4,
        drawing="full-batches",
        epochs=100,
    ),
    Recipe(
        name="dcgan",
        title="DCGAN",
        purpose="Convolutions draw sharper digits, and take longer.",
        source="Keras chapter; classes of the post of 2019-08-20",
        nets="dcgan",
        d_scale=0.5,
        d_updates="separate",
        d_fakes="inference",
        g_rate=1e-3,
        d_rate=1e-3,
        eps=1e-7,
        drawing="replacement",
        steps=4001,
    ),
)
