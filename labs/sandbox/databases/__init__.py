"""Real PostgreSQL servers behind the DB instances of RDS.

An instance of the engine `postgres` is served by a PostgreSQL of this machine, on a loopback port that its
endpoint names. It is started when somebody is told that endpoint for the first time, so that a world nobody
connects to costs nothing; from then on it stops, starts and restarts with its instance. It has no TLS, and
security groups do not stand before it: `skylab reach` tells what they would let through.

What is in a database is no part of the world's memory: a rewind leaves it as it is, as long as the instance
was there then; a fork, a saved world and a restarted sandbox have the instance, its user and its password,
and an empty database. A snapshot holds what was there, as long as the same process runs. All files go with
the process of the world, however that ends.
"""
