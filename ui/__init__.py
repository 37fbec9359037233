"""Widgets that pages share. Pages ask `gan.live` for runs and pictures; nothing here touches a tensor."""
