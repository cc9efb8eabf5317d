"""The four mails of S8: their words, and the worker that hands them to the mail server."""
