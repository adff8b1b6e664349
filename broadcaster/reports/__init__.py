"""What the log adds up to over a day, a week or a month: figures, tables, and the files people pass on."""
