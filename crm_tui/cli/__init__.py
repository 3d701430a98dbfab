"""The command line: one module per subcommand; what a subcommand does not need is not imported."""
