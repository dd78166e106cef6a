"""The only machinery that services share: log, feed, bell, follower, RPC adapter, settings, metrics, logging."""
