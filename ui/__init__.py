"""What the pages are made of. Pages ask `gan.control` for runs and pictures; nothing here holds a tensor."""
