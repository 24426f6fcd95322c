"""Of each cross-check what is taken beside what refused/ has, and what is taken with a warning: <stem>.yaml."""
