"""Notifications to people outside the pages: e-mail, Telegram, webhooks and whatever else Apprise reaches.

    models    channels, and the outbox
    words     what each kind of notice says
    service   `notify` and `send`: rows in the act's own transaction, nothing slow
    posting   an address and a text -> out to the network, or why not

Who has something to tell writes a row; a worker posts it (`broadcaster.jobs.posting`). So a notice is told when the act
that it tells of is committed, never otherwise, and no act ever waits for somebody's mail server.
"""
