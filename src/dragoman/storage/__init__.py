"""Disk: the database with all tables, and the server's secret."""
