"""What people think of answers, and how it becomes preference data."""
