# SPDX-License-Identifier: MIT
"""What a module written for the platform's SDK registers, as one JSON document.

Two ways to the same document: `read` looks at the source and runs nothing, `record` runs the module
under our own SDK with every call traced. Needs nothing but the standard library.
"""
