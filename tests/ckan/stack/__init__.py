"""A real CKAN for tests: PostgreSQL, Redis, Solr and CKAN on this machine's loopback, all in one folder.

``python -m tests.ckan.stack up`` brings it up; ``make ckan-up`` says the same. Nothing but the standard library is
imported here, so that the commands run before anything is installed.
"""
