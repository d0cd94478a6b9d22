"""Addresses of a VPC."""
