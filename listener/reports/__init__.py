"""What it adds up to: metrics, comparison, hand-over, export."""
