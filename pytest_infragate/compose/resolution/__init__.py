"""What Compose files mean, found without Compose: merged, interpolated, extended, included and brought to one form.

It stands in where the Compose program is missing, and finds all mistakes at once where Compose tells only the first.
What it cannot do (files from a network) is told as a problem, never passed over. The rules were read off
``docker compose config`` 2.40 and the Compose specification; ``bench/differential.py`` compares the two.
"""
