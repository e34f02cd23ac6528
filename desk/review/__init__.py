"""Pages are reviewed from time to time, each by the person who answers for it."""
