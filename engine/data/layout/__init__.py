"""How a text file of columns is laid out: what stands where, found by its first lines.

csv_layout     all of it: what stands above, delimiter, header, names, kinds of columns
csv_sample     its first rows, by delimiter, and the comments among them
fixed_width    columns that only their places tell apart
other_formats  texts of numbers that are no tables, refused by their names
preamble       a title, and all else that stands above the names
table_head     the names of the columns and their units
table_end      sums, means and footnotes below the rows
decimal_mark   whether a comma or a point stands before decimals
index_columns  columns that only number or name the rows
stand_ins      numbers that may stand for missing ones
layout_notes   what was found out about the columns, in words
"""
