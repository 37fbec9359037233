"""The app commands its workers: messages, processes, runs in training, the viewer."""
