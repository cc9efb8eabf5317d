"""Proposals which offers should go to which needs: a pure calculation over all of them at once."""
