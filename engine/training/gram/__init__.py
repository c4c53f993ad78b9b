"""Full-batch gradient descent on any amount of data: the data are read once and only summed.

The loss, its gradient and every iteration depend on n, ΣX, XᵀX, Xᵀy and yᵀy alone.

    row_source      where chunks of rows come from: made, or a file; the next is read meanwhile
    made_rows       the points that the reference run is made from, chunk by chunk
    file_rows       a CSV or Parquet file, chunk by chunk
    sums            the sums over all rows, and how they are kept exact
    moments         what follows from the sums: loss, gradient, theory
    by_formula      any iteration at once, in float64
"""
