"""Emergency calls in the player: signed documents in, sound at once, receipts out; and phrases started by hand here."""
