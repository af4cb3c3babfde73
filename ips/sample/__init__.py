"""Invented people and families: a small sample to look at, and any number for measurements.

`stories` and `history` describe families; `writing` turns descriptions into rows.
"""
