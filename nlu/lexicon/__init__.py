"""Words for what customers ask for, as data: one YAML file an entity."""
