run run_view_too_large.yaml -v 0 -o OUTPUT/
