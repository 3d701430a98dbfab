"""crm-tui: a keyboard-driven CRM for the terminal that works offline and reconciles later."""

__version__ = "0.1.0"
