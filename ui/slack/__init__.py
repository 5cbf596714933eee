"""The Slack bot: a face that answers in threads, each event once."""
