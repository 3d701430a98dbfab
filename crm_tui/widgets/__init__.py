"""What the screens are made of: lists, board and timeline draw lines themselves and never hold a widget per record."""
