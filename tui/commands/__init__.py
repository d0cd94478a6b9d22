"""The commands of `skylab`, one module for each group of them; `application` puts them together."""
