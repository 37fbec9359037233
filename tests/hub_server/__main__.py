"""`python -m tests.hub_server`: a Hub to try things by hand."""

from tests.hub_server.server import HubServer


def main() -> None:
    """A Hub to try things by hand: two accounts, nothing in it; it forgets all when it ends."""
    hub = HubServer()
    hub.user("ada", "hf_ada_may_write")
    hub.user("bob", "hf_bob_may_read", role="read")
    print(f"export HF_ENDPOINT={hub.address}  # tokens: {', '.join(hub.users)}", flush=True)
    hub.started.join()


if __name__ == "__main__":
    main()
