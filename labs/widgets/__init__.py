"""ipywidgets views of the core values; only notebooks import them."""
