"""Knowledge as files that people edit: CSV, XLSX and JSONL in, CSV and JSONL out."""
