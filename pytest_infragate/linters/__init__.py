"""Programs of others that look at Dockerfiles: how they are asked, and what they say in one form."""
