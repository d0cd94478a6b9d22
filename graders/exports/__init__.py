"""Marks in the forms that others read: one module for each, a pure function from results to text."""
