"""`make bench`: what each page costs, as a multiple of an empty page behind the same middleware.

A report, not a test: the machine is shared, so only the ratios within one run mean anything.
"""
