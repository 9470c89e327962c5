"""Starting: a new plugin, written as a small distribution that works."""
