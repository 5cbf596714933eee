"""The self-check: does each claim of an answer stand in the quotes that it cites?"""
