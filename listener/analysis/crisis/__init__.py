"""Words of trouble, one text file per language. The format is told in docs/incidents.md and read by `analysis.vocabulary`."""
