"""Everything that installs, starts, fills and measures the stack; never imported by a service."""
