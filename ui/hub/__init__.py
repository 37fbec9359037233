"""The Hub page: the account, the push, the pull."""
