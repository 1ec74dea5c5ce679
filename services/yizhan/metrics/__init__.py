"""The metrics service: listens to every event, keeps the ledger of clocks, exports figures."""
