# Nothing yet: what is handed in is what you did.
