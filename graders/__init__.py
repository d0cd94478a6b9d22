"""Judge one submission, run it shut in, grade a class, export marks."""
