"""Formats: one module each, read and write side by side. Also entry points of `coding.formats`.

A format of texts has `SUFFIXES` and `read_text(path)`; one from which texts are taken out (see `extraction`)
`SUFFIXES` and `extract(raw)`; a format of tables `SUFFIXES`, `read_table(path)` and `write_table(path,
table)`.
"""
