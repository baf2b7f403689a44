"""The words that people read, as plain message data with fixed formats: labels, consents, notices, refusals, dates.

A text is rendered from codes and organisation names alone, never from what clients wrote, and comes out as the same
bytes in every implementation (`docs/spec/texts.md`).
"""
