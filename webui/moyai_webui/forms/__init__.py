"""What people type: fields that accept what hands write, and one form a use case."""
