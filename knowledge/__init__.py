"""The knowledge base: YAML files, and the code that reads, validates and compiles them."""
