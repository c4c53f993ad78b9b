"""Training data: points drawn at random, or the columns of a file.

source           `Synthetic` and `Table`: where the points come from
table_cache      `read_table` and `load`: CSV files, the latest of which stay in memory
csv_reader       a CSV file, read once and block by block
parquet_rows     a Parquet file, the same, with polars
input_file       a file or standard input, opened as bytes
csv_layout       encoding, delimiter, decimal mark, header and column names of a file
column_choice    which columns are the features and which is the target
arrays           rows gathered into numpy arrays, standardised where wanted

None of them loads torch.
"""
