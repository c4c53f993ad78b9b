"""Training data: points drawn at random, or the columns of a file.

source           `Synthetic` and `Table`: where the points come from; `TableError`
table_wish       what is wanted of a file, and how far its reading is told
reading          one reading of a file, as all that take part in it know it
table_cache      `read_table` and `load`: files, the latest of which stay in memory
table_difference in what a file differs from what was read of it once
table_reader     a file's table and numbers, read once and piece by piece
csv_reader       the rows of a CSV file
parquet_rows     the rows of a Parquet file
parquet_process  the process that reads it with polars, which may fail at it
parquet_child    what that process does
parquet_index    its columns that are an index of pandas
input_file       a file or standard input, opened as bytes
file_kind        text, compressed text, or no text: refused by its true name
encodings        in which encoding a text is
text_lines       whole lines of text, as UTF-8
quoted_lines     rows whose quoted cells go over several lines
layout           how a text file of columns is laid out
row_parser       rows of cells, with the line that each begins in
csv_blocks       numbers of rows: quickly where they are plain, carefully where not
careful_rows     rows read cell by cell, with the place of everything that is wrong
bad_rows         what is wrong with them, in words
unmet_values     values said to stand for missing numbers, which no row has
mixed_rows       plain numbers in columns among others
plain_numbers    plain decimal numbers of many rows at once
cells            what a cell says: a number, its unit, nothing
ascii_text       a cell without full-width and invisible characters
grouped_codes    digits in groups that are no numbers: addresses, versions
column_kinds     what a column holds: numbers, truth values, dates, text
column_choice    which columns are the features and which is the target
arrays           rows gathered into numpy arrays, standardised where wanted

None of them loads torch.
"""
