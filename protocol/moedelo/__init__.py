"""The exchange with Moe Delo: who may in (OAuth 2), and what is said. Pure Python."""
