"""Formats: one module each, read and write side by side. Also entry points of `coding.formats`.

A format of texts has `SUFFIXES` and `read_text(path)`; a format of tables has `SUFFIXES`,
`read_table(path)` and `write_table(path, table)`.
"""
