"""What the screens and `crm-tui show` ask: one module per question, small frozen records as answers."""
