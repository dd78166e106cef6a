"""The `./parcours` commands: one file per group of commands, loaded only when asked for."""
