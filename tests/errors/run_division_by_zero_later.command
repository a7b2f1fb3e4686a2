run run_division_by_zero_later.yaml -v 0 -o OUTPUT/
