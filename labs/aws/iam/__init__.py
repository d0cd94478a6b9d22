"""Identity and Access Management: documents, matching, evaluation and explanation."""
