"""The filter of a list in one line: read, printed, completed; pure. What it finds is `reads.filtering`."""
