"""The pages: one module a place in the bar, each a router and what its template shows."""
