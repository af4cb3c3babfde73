"""The pages of the CANS room, by what a person comes for."""
