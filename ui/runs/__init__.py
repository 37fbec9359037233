"""The Runs page: rows, dialogs, the trash."""
