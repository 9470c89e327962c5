"""Files of records: signed links, and the bytes behind them."""
