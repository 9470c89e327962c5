"""The configuration: read from a TOML file and the environment, checked, and told line by line where it is wrong."""
