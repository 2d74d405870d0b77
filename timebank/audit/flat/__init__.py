"""The books as plain tables, for programs that other people wrote: CSV files, a workbook, a SQLite file."""
