"""Pages of the broadcast log and its reports."""
