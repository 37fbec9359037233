"""The Hugging Face Hub: sharing generators and runs there, and taking others' from there with mistrust."""
