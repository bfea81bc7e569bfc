"""How much of everything: a build with sanitizers, or a busy machine, gets less to do and more time for it."""

import os

SCALE = float(os.environ.get("MILLRACE_E2E_SCALE", "1"))


def count(full, least=1):
    """So many of something; fewer when the scale is below one."""
    return max(least, int(full * SCALE))


def patience(seconds):
    """A time limit that only guards against hanging; more when the scale is below one."""
    return seconds / min(SCALE, 1.0)
