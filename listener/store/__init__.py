"""The only SQL: one file of SQLite, several processes, one writer thread in each."""
