"""What a browser session knows: the visitor, the run, its notices and jobs."""
