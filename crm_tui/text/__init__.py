"""Text from outside and on its way out: cleaning, folding for search, phones, e-mails, money, dates."""
