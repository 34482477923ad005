"""Paper: documents as blocks, which become a PDF (typst) and an offline page of the same content."""
