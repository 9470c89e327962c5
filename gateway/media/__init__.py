"""Media: links to the files of records, and the bytes behind them."""
