"""Starts Loggia's Python runtime. What it does is in `loggia_runtime.py`, apart so that Python finds its compiled form."""

import loggia_runtime

loggia_runtime.main()
