"""What stands where there is nothing of a script yet, from the first frame on."""

LOADING = "loading torch …"
NO_GRAPH = "no graph yet"
NO_TENSORS = "no tensors yet"
