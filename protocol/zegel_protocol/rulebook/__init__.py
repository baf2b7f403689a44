"""Rulebooks as data: the default rules, reading a Huis's edited copy, and the working days that rules count in.

What is allowed is decided elsewhere; here are only rules, their form and their consistency.
"""
