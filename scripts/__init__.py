"""Small programs for the people who work on the desk; nothing here runs in production."""
