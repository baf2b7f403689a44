"""What every party agrees on: formats, vocabulary, rulebook, `decide()`. Pure: no I/O, clock, randomness or secrets."""
