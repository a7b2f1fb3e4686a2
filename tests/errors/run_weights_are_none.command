run run_weights_are_none.yaml -v 0 -o OUTPUT/
