"""Knowledge as files that people edit: CSV, XLSX, JSONL and Markdown, in and out."""
