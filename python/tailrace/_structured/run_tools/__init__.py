"""`run_tools`: a model that calls Python functions, step by step, until it answers."""
