# SPDX-License-Identifier: MIT
"""What a wrong definition of a chute raises."""


class InvalidPath(ValueError):
    """A path that is not made of /lower-case_words."""


class DuplicatePath(ValueError):
    """Two cords at one internal path."""
