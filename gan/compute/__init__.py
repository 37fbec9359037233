"""How this machine computes: devices, threads, torch's settings, random generators."""
