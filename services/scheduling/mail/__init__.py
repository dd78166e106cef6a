"""Messages to people: an outbox, the letters that are made of it, and the postman who takes them.

Owns: one row a message, with no name and no address in it; whoever a message is for, and what it says,
is looked up when it is sent. Promises: each message is sent at least once or dropped with a reason,
always under the same Message-ID, by which the receiving server can fold what came twice.
"""
