"""Documents that people write in YAML: read with the line of every place, and told what is wrong in two languages."""
