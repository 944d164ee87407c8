"""The rules of the programme board. Pure: stdlib only."""
