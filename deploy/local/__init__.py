"""Private servers and supervised processes on one machine.

Owns: a private PostgreSQL and a private RabbitMQ, their ports, passwords and keys, and the
supervision of every process of the stack. Refuses: anything that listens beyond loopback, and
touching servers that it did not start.
"""
