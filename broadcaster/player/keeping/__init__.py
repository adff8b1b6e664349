"""What a player keeps on its disk: objects, journal, manifests, identity, and the room for them."""
