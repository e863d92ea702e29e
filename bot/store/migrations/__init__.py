"""Schema revisions, run by `Database.migrate` at every start."""
