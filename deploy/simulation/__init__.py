"""Simulated pasts: an organisation and years of training, seeded, made through the domain code.

They go straight into the logs, since the public API rightly refuses to write in the past.
"""
