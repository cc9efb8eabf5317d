"""The read model's questions, one module a subject: functions from a session and a filter to rows for pages."""
