"""What every other package uses: names, errors, verbs, ports. Imports no other package of Wharfinger."""
