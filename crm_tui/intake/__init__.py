"""From bytes of files to leads, with errors that name line, value and reason."""
