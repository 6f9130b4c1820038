"""What happens: polling, reading, watching, triage, sending. No network and no screen in here: sources are handed in."""
