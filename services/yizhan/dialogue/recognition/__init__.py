"""Voice messages and pictures put into words by the deployment's own recogniser, and taken for words only when it is sure."""
