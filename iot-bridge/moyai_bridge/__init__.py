"""From the meter to the ledger: MQTT → spool → readings → anchored roots."""
