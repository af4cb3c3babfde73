"""A list as CSV: the same rows, columns and order as on the page."""

import csv
import io

# A cell that begins so is taken for a formula by a spreadsheet; an apostrophe before it makes it text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(rows, columns):
    """The text of the file; it begins with a byte order mark, without which Excel garbles names."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(heading for heading, _, _ in columns)
    for row in rows:
        writer.writerow(neutral(getattr(row, name)) for _, name, _ in columns)
    return out.getvalue()


def neutral(value):
    """What a spreadsheet will not run. Numbers stay numbers, dates are written 2025-04-02."""
    if isinstance(value, int):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
