"""The four numbers of a round."""

NUMBERS = (
    "d_loss",
    "g_loss",
    "d_real",
    "d_fake",
)  # what a round tells: two losses, D's accuracy on real and on fake
