"""The plugins that come with Vouch."""
