"""What the emails say: the shipped files, and the versions that staff wrote in their place."""
