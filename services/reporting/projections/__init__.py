"""The read models, each one file: its tables, how events fill them, and the questions it answers."""
