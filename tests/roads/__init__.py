"""Three roads to one node: what is true on each is told as facts, compared, and where it differs, a table says why."""
