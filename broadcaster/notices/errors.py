"""What can be wrong with a channel.

Invalid
└── BadAddress, BadChannelName, NoKinds
NotFound
└── NoSuchChannel
"""

from content.kernel.errors import Invalid, NotFound


class BadAddress(Invalid):
    """Nothing that Apprise can send to."""

    sentence = "This is no address that can be sent to. See the examples below, and copy yours whole."
    field = "address"


class BadChannelName(Invalid):
    """People must tell channels apart."""

    sentence = "Give the channel a name of at most {limit} characters."
    field = "name"


class NoKinds(Invalid):
    """A channel that would never say anything."""

    sentence = "Choose at least one thing that is told here."
    field = "kinds"


class NoSuchChannel(NotFound):
    """Removed, or never there."""

    sentence = "This channel is not here any more. Look at the list again."
